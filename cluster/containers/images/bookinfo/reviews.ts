import type { IncomingMessage } from 'node:http';
import type { Process, Program } from '../../process/process.ts';
import { askService, passedOn, ServiceError, TRACE_HEADERS } from '../ask-service.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from '../serve.ts';
import { BOOKINFO_PORT } from './ratings.ts';

export interface ReviewsVersion {
  /** Colour of the stars; null: ratings are not asked for. */
  stars: 'black' | 'red' | null;
}

/** LibertyRestEndpoint.java: black stars wait 10 s for the ratings, red ones 2.5 s. */
const RATINGS_TIMEOUT_MS = { black: 10_000, red: 2500 };

const PASSED_ON = [...TRACE_HEADERS, 'end-user', 'user-agent', 'authorization', 'cookie'];

const TEXTS = [
  'An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!',
  'Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare.',
];

/** Two reviews, with stars or without. Istio samples/bookinfo/src/reviews. */
export function reviews({ stars }: ReviewsVersion): Program {
  return (process) => {
    const accept = httpAcceptor(process, (request, response) => {
      const send = (status: number, type: string, body: string): void =>
        answer(
          response,
          status,
          [
            ['X-Powered-By', 'Servlet/3.1'],
            ['Content-Type', type],
            ['Date', httpDate(process)],
            ['Content-Language', 'en-US'],
          ],
          body,
        );
      const path = (request.url ?? '/').replace(/\?.*$/s, '');
      const [, id] = /^\/reviews\/(\d+)$/.exec(path) ?? [];
      if (path === '/health') send(200, 'application/json', '{"status": "Reviews is healthy"}');
      else if (id === undefined)
        send(404, 'text/html', 'Error 404: java.io.FileNotFoundException: SRVE0190E: File not found\n');
      else {
        ratingsOf(process, request, id, stars).then(
          (found) => send(200, 'application/json', reviewsJson(process, id, stars, found)),
          () => response.destroy(),
        );
      }
    });
    return listenUntilStopped(process, new Map([[BOOKINFO_PORT, accept]]));
  };
}

type Ratings = Readonly<Record<string, unknown>> | 'not asked' | 'unavailable';

async function ratingsOf(
  process: Process,
  request: IncomingMessage,
  id: string,
  stars: ReviewsVersion['stars'],
): Promise<Ratings> {
  if (stars === null) return 'not asked';
  const { environment } = process;
  const domain = environment.get('SERVICES_DOMAIN') ?? '';
  const host = (environment.get('RATINGS_HOSTNAME') ?? 'ratings') + (domain === '' ? '' : `.${domain}`);
  const port = environment.get('RATINGS_SERVICE_PORT') ?? String(BOOKINFO_PORT);
  try {
    const { status, body } = await askService(process, `http://${host}:${port}/ratings/${id}`, {
      headers: passedOn(request, PASSED_ON),
      timeoutMs: RATINGS_TIMEOUT_MS[stars],
    });
    if (status !== 200) {
      await process.printError(`Error: unable to contact http://${host}:${port}/ratings got status of ${status}\n`);
      return 'unavailable';
    }
    return readRatings(body);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    await process.printError(
      `Error: unable to contact http://${host}:${port}/ratings got exception ${error.message}\n`,
    );
    return 'unavailable';
  }
}

function readRatings(body: string): Ratings {
  try {
    const { ratings } = JSON.parse(body) as { ratings?: unknown };
    return typeof ratings === 'object' && ratings !== null ? (ratings as Record<string, unknown>) : 'unavailable';
  } catch {
    return 'unavailable';
  }
}

/** The original puts its text together by hand; blanks and all. */
function reviewsJson(process: Process, id: string, color: ReviewsVersion['stars'], found: Ratings): string {
  const rating = (reviewer: string): string => {
    if (found === 'not asked') return '';
    if (found === 'unavailable') return ', "rating": {"error": "Ratings service is currently unavailable"}';
    const stars = found[reviewer];
    return typeof stars === 'number' ? `, "rating": {"stars": ${stars}, "color": "${color}"}` : '';
  };
  const entries = TEXTS.map((text, index) => {
    const reviewer = `Reviewer${index + 1}`;
    return `{  "reviewer": "${reviewer}",  "text": "${text}"${rating(reviewer)}}`;
  });
  const cluster = process.environment.get('CLUSTER_NAME') ?? 'null';
  return `{"id": "${id}","podname": "${process.container.hostname}","clustername": "${cluster}","reviews": [${entries.join(',')}]}`;
}
