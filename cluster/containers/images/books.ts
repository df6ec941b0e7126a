import type { Program } from '../process/process.ts';
import { askService, passedOn, ServiceError, TRACE_HEADERS } from './ask-service.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from './serve.ts';

/** One light pixel: what stands for the cover of every book. */
const COVER = 'R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==';

/** Numbers, dates and titles are the workshop's; summaries and covers are ours. */
const BOOKS = [
  [
    '2020-01-12',
    'Where the Crawdads Sing',
    'DELIA OWENS',
    'Fiction',
    'A girl grows up alone in a marsh, and is suspected.',
  ],
  [
    '2020-02-05',
    'The Ballad of Songbirds and Snakes',
    'SUZANNE COLLINS',
    'Fiction',
    'A tyrant to be is a pupil still.',
  ],
  [
    '2020-02-21',
    'The Summer House',
    'JAMES PATTERSON & BRENDAN DUBOIS',
    'Fiction',
    'Four soldiers are accused of a crime.',
  ],
  ['2020-03-12', 'A Brief History of Time', 'STEPHEN HAWKING', 'Science', 'Space, time and what came first.'],
  ['2020-04-01', 'The Age of Reason', 'BILL BRYSON', 'Science', 'How people began to think for themselves.'],
].map(([date = '', title, author, genre, summary], index) => ({
  id: index + 1,
  date: `${date}T00:00:00Z`,
  title,
  thumbnail: COVER,
  author,
  genre,
  summary,
}));

/** Fast Track Istio, demo-app/books: an ASP.NET Core program that lists five books. */
const books: Program = async (process) => {
  await process.print(
    'info: Microsoft.Hosting.Lifetime[0]\n      Now listening on: http://[::]:80\ninfo: Microsoft.Hosting.Lifetime[0]\n      Application started. Press Ctrl+C to shut down.\n',
  );
  const accept = httpAcceptor(process, (request, response) => {
    const send = (status: number, value: unknown, type = 'application/json'): void =>
      answer(
        response,
        status,
        [
          ['Date', httpDate(process)],
          ...(value === undefined ? [] : [['Content-Type', `${type}; charset=utf-8`] as const]),
          ['Server', 'Kestrel'],
        ],
        value === undefined ? '' : JSON.stringify(value),
      );
    const path = (request.url ?? '/').replace(/\?.*$/s, '').replace(/\/$/, '');
    const [, last] = /^\/books\/([^/]+)$/i.exec(path) ?? [];
    if (/^\/books$/i.test(path))
      send(
        200,
        BOOKS.map((book) => ({ ...book, summary: '' })),
      );
    else if (last?.toLowerCase() === 'legacy') {
      const server = process.environment.get('LegacyServiceUri') ?? 'http://legacy-api-service';
      askService(process, `${server.replace(/\/$/, '')}/books`, {
        headers: passedOn(request, TRACE_HEADERS),
        timeoutMs: 100_000,
      }).then(
        ({ body }) => send(200, body),
        (error: unknown) => (error instanceof ServiceError ? send(500, undefined) : response.destroy()),
      );
    } else if (last?.toLowerCase() === 'feeling-lucky') {
      send(200, BOOKS[(process.container.randomBytes(1)[0] ?? 0) % BOOKS.length]);
    } else if (last === undefined) send(404, undefined);
    else if (!/^-?\d+$/.test(last)) {
      send(
        400,
        {
          title: 'One or more validation errors occurred.',
          status: 400,
          errors: { id: [`The value '${last}' is not valid.`] },
        },
        'application/problem+json',
      );
    } else {
      const book = BOOKS.find(({ id }) => id === Number(last));
      // ASP.NET Core: an action that returns null has nothing to say.
      send(book === undefined ? 204 : 200, book);
    }
  });
  return listenUntilStopped(process, new Map([[80, accept]]));
};

export const booksImage: Image = {
  repositories: ['fasttrackistio/books'],
  exposes: [80],
  userland: 'gnu',
  workingDirectory: '/app',
  entrypoint: ['dotnet', 'books.dll'],
  programs: { '/usr/bin/dotnet': books },
};
