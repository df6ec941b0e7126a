import type { Connection } from '../../../network/connection.ts';
import { NetworkError } from '../../../network/connection.ts';
import type { Process, Program } from '../../process/process.ts';
import { resolveHost } from '../../programs/curl/connection.ts';
import { listenUntilStopped } from '../serve.ts';

export const MONGODB_PORT = 27_017;

/** Bytes of one document. */
const MAX_LINE = 1024 * 1024;

export type Document = Record<string, unknown>;

/**
 * What stands where a MongoDB would: collections of documents in memory, behind a protocol of our own (a line of JSON
 * each way), so that drivers of MongoDB get no further than the connection. Its data ends with the container.
 */
export const mongodb: Program = async (process) => {
  const collections = new Map<string, Document[]>();
  const time = (): string => new Date(process.container.clock.now()).toISOString().replace('Z', '+0000');
  await process.print(`${time()} I NETWORK  [initandlisten] waiting for connections on port ${MONGODB_PORT}\n`);
  let count = 0;
  const accept = (connection: Connection): void => {
    count += 1;
    const { ip, port } = connection.remote;
    void process.print(`${time()} I NETWORK  [listener] connection accepted from ${ip}:${port} #${count}\n`);
    readLines(connection, (line) => connection.write(`${JSON.stringify(reply(collections, line))}\n`));
    connection.on('end', () => connection.end());
  };
  return listenUntilStopped(process, new Map([[MONGODB_PORT, accept]]));
};

function readLines(connection: Connection, take: (line: string) => void): void {
  let input = '';
  connection.on('data', (chunk: Buffer) => {
    input += chunk.toString('utf8');
    for (let end = input.indexOf('\n'); end !== -1; end = input.indexOf('\n')) {
      take(input.slice(0, end));
      input = input.slice(end + 1);
    }
    if (input.length > MAX_LINE) connection.destroy();
  });
}

interface Order {
  collection: string;
  find?: Document;
  insert?: Document;
  remove?: Document;
}

function reply(collections: Map<string, Document[]>, line: string): unknown {
  let order: Order;
  try {
    order = JSON.parse(line) as Order;
  } catch {
    return { error: 'not JSON' };
  }
  const all = collections.get(order.collection) ?? [];
  const fits = (wanted: Document) => (document: Document) =>
    Object.entries(wanted).every(([field, value]) => document[field] === value);
  if (order.insert !== undefined) collections.set(order.collection, [...all, order.insert]);
  if (order.remove !== undefined) {
    const gone = fits(order.remove);
    collections.set(
      order.collection,
      all.filter((document) => !gone(document)),
    );
  }
  return { documents: order.find === undefined ? [] : all.filter(fits(order.find)) };
}

/** Asks the database that the environment names. @throws NetworkError, or Error when it hangs up without an answer */
export async function askDatabase(process: Process, order: Order): Promise<Document[]> {
  const host = process.environment.get('MONGODB_SERVICE_HOST') ?? 'boards-mongodb';
  const port = Number(process.environment.get('MONGODB_SERVICE_PORT') ?? MONGODB_PORT);
  const [ip] = resolveHost(process, host) ?? [];
  if (ip === undefined) throw new NetworkError('ECONNREFUSED', `no address of ${host}`);
  const connection = await process.race(process.container.network.connect({ ip, port }, { uid: process.uid }));
  try {
    const line = await process.race(
      new Promise<string>((resolve, reject) => {
        const lost = (): void => reject(new NetworkError('ECONNREFUSED', `${host} closed the connection`));
        connection.on('error', lost);
        connection.on('close', lost);
        connection.on('end', lost);
        readLines(connection, resolve);
        connection.write(`${JSON.stringify(order)}\n`);
      }),
    );
    return (JSON.parse(line) as { documents: Document[] }).documents;
  } finally {
    connection.destroy();
  }
}
