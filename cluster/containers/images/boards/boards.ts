import type { IncomingMessage, ServerResponse } from 'node:http';
import { NetworkError } from '../../../network/connection.ts';
import type { Process, Program } from '../../process/process.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from '../serve.ts';
import { askDatabase, type Document } from './mongodb.ts';

const PORT = 8080;

/**
 * Keeps what people paste, shared by all or by user, in the database. Red Hat's service mesh workshop,
 * code/boards/boardsapi.yaml and controllers; left out: changing what is there, and the API's documentation.
 */
export const boards: Program = async (process) => {
  await process.print(`Your server is listening on port ${PORT}\n`);
  const accept = httpAcceptor(process, (request, response) => {
    respond(process, request, response).catch(() => response.destroy());
  });
  return listenUntilStopped(process, new Map([[PORT, accept]]));
};

async function respond(process: Process, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, type: string, body: string): void =>
    answer(
      response,
      status,
      [
        ['X-Powered-By', 'Express'],
        ['Content-Type', type],
        ['Date', httpDate(process)],
        ['Connection', 'keep-alive'],
      ],
      body,
    );
  const plain = (status: number, body: string): void => send(status, 'text/plain; charset=utf-8', body);
  const json = (value: unknown): void => send(200, 'application/json', JSON.stringify(value, null, 2));

  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  const target = readTarget(path);
  if (target === null) {
    send(404, 'text/html; charset=utf-8', `Cannot ${request.method ?? 'GET'} ${path}\n`);
    return;
  }
  const { collection, owner, id } = target;
  try {
    if (request.method === 'GET') {
      const find = { ...(owner === undefined ? {} : { owner }), ...(id === undefined ? {} : { id }) };
      const found = await askDatabase(process, { collection, find });
      if (id === undefined) json(found.toReversed());
      else if (found[0] === undefined) plain(404, 'Not Found');
      else json(found[0]);
    } else if (request.method === 'POST' && id === undefined) {
      const given = readDocument((await readBody(request)).toString('utf8'));
      if (given === undefined) {
        plain(400, 'Bad Request');
        return;
      }
      const document = newDocument(process, { ...given, ...(owner === undefined ? {} : { owner }) });
      await askDatabase(process, { collection, insert: document });
      send(201, 'text/html; charset=utf-8', `Created ${String(document['id'])}`);
    } else if (request.method === 'DELETE' && id !== undefined) {
      await askDatabase(process, { collection, remove: { id } });
      answer(response, 204, [['Date', httpDate(process)]], '');
    } else plain(405, 'Method Not Allowed');
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    await process.printError(`database: ${error.message}\n`);
    plain(500, 'Internal Server Error');
  }
}

function readTarget(path: string): { collection: string; owner?: string; id?: string } | null {
  if (path === '/shareditems') return { collection: 'shared_items' };
  const [, owner, kind, id] = /^\/([^/]+)\/(boards|items)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (owner === undefined || kind === undefined) return null;
  return { collection: kind, owner: decodeURIComponent(owner), ...(id === undefined ? {} : { id }) };
}

function readDocument(text: string): Document | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : undefined;
  } catch {
    return undefined;
  }
}

/** As MongoDB and shortid number them: 24 hexadecimal digits, and 9 characters for people. */
function newDocument(process: Process, given: Document): Document {
  const { clock, randomBytes } = process.container;
  const seconds = Math.floor(clock.now() / 1000);
  return {
    _id: seconds.toString(16).padStart(8, '0') + Buffer.from(randomBytes(8)).toString('hex'),
    ...given,
    id: Buffer.from(randomBytes(6)).toString('base64url').padEnd(9, '0'),
    created_at: `${new Date(seconds * 1000).toISOString().slice(0, 19)}+00:00`,
  };
}
