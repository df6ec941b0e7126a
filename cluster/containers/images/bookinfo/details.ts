import type { Program } from '../../process/process.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from '../serve.ts';
import { BOOKINFO_PORT } from './ratings.ts';

const SERVER = 'WEBrick/1.6.0 (Ruby/2.7.1/2020-03-31)';

/** One book, whatever its number. Istio samples/bookinfo/src/details/details.rb, without its external book service. */
export const details: Program = (process) => {
  const port = Number(process.args[2] ?? BOOKINFO_PORT);
  const accept = httpAcceptor(process, (request, response) => {
    const send = (status: number, type: string, body: string): void =>
      answer(
        response,
        status,
        [
          ['Content-Type', type],
          ['Server', SERVER],
          ['Date', httpDate(process)],
        ],
        body,
      );
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const [, id] = /^\/details\/(.*)$/.exec(path) ?? [];
    if (path === '/health') send(200, 'application/json', '{"status":"Details is healthy"}');
    else if (id === undefined)
      send(404, 'text/html; charset=ISO-8859-1', '<HTML><BODY><H1>Not Found</H1></BODY></HTML>\n');
    else if (!/^\d+$/.test(id)) send(400, 'application/json', '{"error":"please provide numeric product id"}');
    else {
      const book = {
        id: Number(id),
        author: 'William Shakespeare',
        year: 1595,
        type: 'paperback',
        pages: 200,
        publisher: 'PublisherA',
        language: 'English',
        'ISBN-10': '1234567890',
        'ISBN-13': '123-1234567890',
      };
      send(200, 'application/json', JSON.stringify(book));
    }
    void process.printError(
      `${request.socket.remoteAddress ?? '-'} - "${request.method ?? 'GET'} ${path} HTTP/1.1" ${response.statusCode}\n`,
    );
  });
  return listenUntilStopped(process, new Map([[port, accept]]));
};
