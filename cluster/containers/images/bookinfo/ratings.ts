import type { Program } from '../../process/process.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from '../serve.ts';

/** Where every service of the application listens, unless its last argument says otherwise. */
export const BOOKINFO_PORT = 9080;

/**
 * Stars by product. Istio samples/bookinfo/src/ratings/ratings.js: every product has the same two, and what is posted
 * is kept in memory. Left out: the variants with a database and those that fail on purpose.
 */
export const ratings: Program = async (process) => {
  const port = Number(process.args[2] ?? BOOKINFO_PORT);
  const posted = new Map<number, Record<string, number>>();
  await process.print(`Server listening on: http://0.0.0.0:${port}\n`);
  const accept = httpAcceptor(process, (request, response) => {
    const json = (status: number, value: unknown): void =>
      answer(
        response,
        status,
        [
          ['Content-type', 'application/json'],
          ['Date', httpDate(process)],
        ],
        JSON.stringify(value),
      );
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const [, id] = /^\/ratings\/([^/]*)\/?$/.exec(path) ?? [];
    if (path === '/health') json(200, { status: 'Ratings is healthy' });
    else if (id === undefined) {
      answer(
        response,
        404,
        [
          ['Content-Type', 'text/html; charset=utf-8'],
          ['Date', httpDate(process)],
        ],
        'Not Found',
      );
    } else if (!/^\d+/.test(id)) json(400, { error: 'please provide numeric product ID' });
    else if (request.method === 'POST') {
      void readBody(request).then(
        (body) => {
          const given = parseRatings(body.toString('utf8'));
          if (given === undefined) {
            json(400, { error: 'please provide valid ratings JSON' });
            return;
          }
          posted.set(Number.parseInt(id, 10), given);
          json(200, { id: Number.parseInt(id, 10), ratings: given });
        },
        () => response.destroy(),
      );
    } else {
      const product = Number.parseInt(id, 10);
      json(200, { id: product, ratings: posted.get(product) ?? { Reviewer1: 5, Reviewer2: 4 } });
    }
    void process.print(`${request.method ?? 'GET'} ${path}\n`);
  });
  return listenUntilStopped(process, new Map([[port, accept]]));
};

function parseRatings(text: string): Record<string, number> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, number>;
  } catch {
    return undefined;
  }
}
