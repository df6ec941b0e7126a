import { NetworkError, type Connection } from '../../network/connection.ts';
import type { Process, Program } from '../process/process.ts';
import { CURL_TODAY } from './curl/build.ts';
import { CurlError } from './curl/errors.ts';
import { resolveHost } from './curl/connection.ts';
import { parseUrl, resolveLocation } from './curl/url.ts';
import { header, ResponseReader, send } from './curl/response.ts';
import { isGnu, parseOptions, UsageError } from './options.ts';
import { pathOf, tool } from './tool.ts';

/** BusyBox' nslookup against the cluster's DNS. */
export const nslookup: Program = async (process) => {
  const names = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  const [name] = names;
  const server = names[1] ?? process.container.network.nameserver();
  if (name === undefined) {
    await process.printError('Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n');
    return 1;
  }
  await process.print(
    isGnu(process)
      ? `Server:\t\t${server}\nAddress:\t${server}#53\n\n`
      : `Server:\t\t${server}\nAddress:\t${server}:53\n\n`,
  );
  const found = process.container.network.resolve(name);
  if (found === null) {
    await process.print(`** server can't find ${name}: NXDOMAIN\n\n`);
    return 1;
  }
  for (const address of found.addresses) await process.print(`Name:\t${found.name}\nAddress: ${address}\n`);
  await process.print('\n');
  return 0;
};

/** @throws NetworkError, also ENOTFOUND for an unknown name */
async function dial(process: Process, host: string, port: number, timeoutMs: number | null): Promise<Connection> {
  const [address] = resolveHost(process, host) ?? [];
  if (address === undefined) throw new NetworkError('ENOTFOUND', 'bad address');
  const abort = new AbortController();
  const cancel = timeoutMs === null ? null : process.container.clock.schedule(timeoutMs, () => abort.abort());
  try {
    return await process.race(
      process.container.network.connect({ ip: address, port }, { uid: process.uid, signal: abort.signal }),
    );
  } finally {
    cancel?.();
  }
}

/** nc as a client (`-z`, `-v`, `-w`) and with `-l` as a server for one connection. */
export const nc = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'zvw:lp:nkN');
  if (options.has('l')) return serveOnce(process, Number(options.get('p') ?? operands.at(-1)));
  const [host, portText] = operands;
  const port = Number(portText);
  if (host === undefined || !Number.isInteger(port))
    throw new UsageError('nc: usage: nc [-zv] [-w SEC] HOST PORT\n', 1);
  const timeoutMs = options.has('w') ? Number(options.get('w')) * 1000 : null;
  let connection: Connection;
  try {
    connection = await dial(process, host, port, timeoutMs);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    if (error.code === 'ENOTFOUND') await process.printError(`nc: bad address '${host}'\n`);
    else {
      const reason = error.code === 'ECONNREFUSED' ? 'Connection refused' : 'Operation timed out';
      await process.printError(`nc: ${host} (${resolveHost(process, host)?.[0] ?? host}:${port}): ${reason}\n`);
    }
    return 1;
  }
  if (options.has('v')) await process.printError(`${host} (${connection.remote.ip}:${port}) open\n`);
  if (options.has('z')) {
    connection.destroy();
    return 0;
  }
  return exchange(process, connection);
});

async function serveOnce(process: Process, port: number): Promise<number> {
  let close = (): void => {};
  try {
    const connection = await process.race(
      new Promise<Connection>((resolve) => {
        close = process.container.network.listen(port, resolve);
      }),
    );
    close();
    return await exchange(process, connection);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    await process.printError('nc: bind: Address already in use\n');
    return 1;
  } finally {
    close();
  }
}

/** Standard input to the connection and the connection to standard output, until the peer ends. */
async function exchange(process: Process, connection: Connection): Promise<number> {
  const sending = (async () => {
    for (let bytes = await process.read(0); bytes !== null; bytes = await process.read(0))
      await send(process, connection, bytes);
    connection.end();
  })();
  // The other direction decides when it is over; a kill ends both.
  sending.catch(() => connection.destroy());
  const reader = readerOf(process, connection);
  try {
    for (let bytes = await reader.read(); bytes !== null; bytes = await reader.read()) await process.print(bytes);
    return 0;
  } catch (error) {
    if (error instanceof CurlError) return 1;
    throw error;
  } finally {
    reader.release();
    connection.destroy();
  }
}

function readerOf(process: Process, connection: Connection): ResponseReader {
  const idle = { lookup: 0, connect: 0, tls: 0 };
  return new ResponseReader(
    {
      id: 0,
      key: '',
      stream: connection,
      remote: connection.remote,
      local: connection.local,
      times: idle,
      verifyResult: 0,
      build: CURL_TODAY,
      rest: Buffer.alloc(0),
    },
    (wait) => process.race(wait),
  );
}

const MAX_REDIRECTS = 20;

/** BusyBox' wget for http: `-q -O FILE -S -T SEC --spider --header --post-data`. */
export const wget = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'qO:ST:U:c', {
    long: {
      spider: 'spider',
      'header=': 'header',
      'post-data=': 'post',
      quiet: 'q',
      'timeout=': 'T',
      'output-document=': 'O',
      'server-response': 'S',
      'tries=': 't',
      'no-check-certificate': 'k',
    },
  });
  const [given] = operands;
  if (given === undefined) throw new UsageError('wget: missing URL\n', 1);
  const say = async (text: string): Promise<void> => {
    if (!options.has('q')) await process.printError(text);
  };
  let address = given.includes('://') ? given : `http://${given}`;
  for (let hops = 0; ; hops += 1) {
    const url = parseUrlOrFail(address);
    let connection: Connection;
    const hostPort = `${url.host}${url.port === 80 ? '' : `:${url.port}`}`;
    try {
      const ip = resolveHost(process, url.host)?.[0];
      if (ip !== undefined) await say(`Connecting to ${hostPort} (${ip}:${url.port})\n`);
      connection = await dial(process, url.host, url.port, Number(options.get('T') ?? 900) * 1000);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      if (error.code === 'ENOTFOUND') await process.printError(`wget: bad address '${hostPort}'\n`);
      else if (error.code === 'ECONNREFUSED') {
        await process.printError(
          `wget: can't connect to remote host (${resolveHost(process, url.host)?.[0] ?? ''}): Connection refused\n`,
        );
      } else await process.printError('wget: download timed out\n');
      return 1;
    }
    const reader = readerOf(process, connection);
    try {
      const body = options.get('post');
      const lines = [
        `${body === undefined ? 'GET' : 'POST'} ${url.target} HTTP/1.1`,
        `Host: ${hostPort}`,
        `User-Agent: ${options.get('U') ?? 'Wget'}`,
        'Connection: close',
      ];
      const extra = options.get('header');
      if (extra !== undefined) lines.push(extra);
      if (body !== undefined)
        lines.push('Content-Type: application/x-www-form-urlencoded', `Content-Length: ${Buffer.byteLength(body)}`);
      await send(process, connection, Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`));
      const head = await reader.readHead(false);
      if (head === null) return 1;
      if (options.has('S')) await process.printError(head.lines.map((line) => `  ${line.trimEnd()}\n`).join(''));
      const location = header(head, 'location');
      if (head.status >= 300 && head.status < 400 && location !== undefined && hops < MAX_REDIRECTS) {
        address = resolveLocation(url, location);
        continue;
      }
      if (head.status >= 400) {
        await process.printError(`wget: server returned error: ${(head.lines[0] ?? '').trim()}\n`);
        return 1;
      }
      if (options.has('spider')) {
        await say('remote file exists\n');
        return 0;
      }
      return await save(
        process,
        reader,
        head,
        options.get('O') ?? (url.target.replace(/\?.*/s, '').split('/').at(-1) || 'index.html'),
        say,
      );
    } catch (error) {
      if (!(error instanceof CurlError)) throw error;
      await process.printError(
        error.code === 56
          ? 'wget: error getting response: Connection reset by peer\n'
          : 'wget: error getting response\n',
      );
      return 1;
    } finally {
      reader.release();
      connection.destroy();
    }
  }
});

function parseUrlOrFail(address: string): ReturnType<typeof parseUrl> {
  try {
    return parseUrl(address);
  } catch (error) {
    if (!(error instanceof CurlError)) throw error;
    throw new UsageError(`wget: not an http or ftp url: ${address}\n`, 1);
  }
}

async function save(
  process: Process,
  reader: ResponseReader,
  head: Parameters<ResponseReader['readBody']>[0],
  name: string,
  say: (text: string) => Promise<void>,
): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of reader.readBody(head, true, () => {})) {
    if (name === '-') await process.print(chunk);
    else chunks.push(chunk);
  }
  if (name === '-') {
    await say('writing to stdout\n');
    return 0;
  }
  await say(`saving to '${name}'\n`);
  process.container.files.write(pathOf(process, name), Buffer.concat(chunks), { uid: process.uid });
  await say(`'${name}' saved\n`);
  return 0;
}
