import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, listen, logLines, RawClient, serve } from './mesh-pods.ts';

/** What a sidecar passes on, byte for byte, and what it answers itself. */

let cluster: TestCluster;
let client: TestPod;
let plain: TestPod;
let raw: TestPod;
/** Heads that the program behind the sidecar has read. */
const seen: string[] = [];

beforeAll(() => {
  cluster = new TestCluster();
  client = clientPod(cluster, 'shop', 'client');
  plain = clientPod(cluster, 'legacy', 'plain', false);
  serve(cluster, 'shop', 'echo', ['echo-1'], (request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    if (request.url === '/early') {
      response.end('early');
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1');
    });
    request.on('end', () => {
      if (request.url === '/chunks') {
        response.write('one,');
        response.write('two,');
        response.end('three');
      } else if (request.url === '/empty') response.writeHead(204).end();
      else {
        response.setHeader('Content-Length', Buffer.byteLength(body) + 2);
        response.end(`<${body}>`);
      }
    });
  });
  // A program that writes what a test tells it to, and one that changes protocols.
  raw = clientPod(cluster, 'shop', 'raw');
  listen(cluster, raw, 80, (connection) => {
    connection.once('data', (chunk: Buffer) => {
      const path = /^\w+ \/(\S*)/.exec(chunk.toString('latin1'))?.[1] ?? '';
      if (path === 'socket') {
        connection.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: a\r\n\r\nhello ',
        );
        connection.on('data', (more: Buffer) => connection.write(more.toString('latin1').toUpperCase()));
        connection.on('end', () => connection.end());
        return;
      }
      connection.end(Buffer.from(decodeURIComponent(path), 'latin1'));
    });
    connection.on('error', () => {});
  });
  cluster.service('raw', { namespace: 'shop', ports: [{ name: 'http', port: 80, targetPort: 80 }], pods: [raw] });
});
afterAll(() => cluster.dispose());

const HEAD = 'HTTP/1.1\r\nhost: echo.shop\r\n';

async function ask(text: string, until: string | RegExp, host = 'echo.shop', pod = client): Promise<RawClient> {
  const connection = await RawClient.open(cluster, pod, host, 80);
  connection.send(text);
  await expect.poll(() => connection.text).toMatch(until);
  return connection;
}

describe('a sidecar', () => {
  test('answers requests on one connection in their order, also those that were sent ahead', async () => {
    const { text } = await ask(
      `POST /1 ${HEAD}content-length: 1\r\n\r\naPOST /2 ${HEAD}content-length: 1\r\n\r\nbGET /3 ${HEAD}\r\n`,
      /<a>[^]*<b>[^]*<>/,
    );

    expect(text.match(/HTTP\/1\.1 200 OK\r\n/g)).toHaveLength(3);
    expect(text).not.toContain('connection:');
  });

  test('takes a request byte by byte', async () => {
    const connection = await RawClient.open(cluster, client, 'echo.shop', 80);
    for (const byte of `POST /slow ${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`) {
      connection.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }

    await expect.poll(() => connection.text).toMatch(/\r\n\r\n<abcde>$/);
  });

  test('passes an answer without a length on in chunks, and one without a body without', async () => {
    const { text } = await ask(`GET /chunks ${HEAD}\r\n`, /0\r\n\r\n$/);
    expect(text).toMatch(/\r\ntransfer-encoding: chunked\r\n/);
    expect(text.slice(text.indexOf('\r\n\r\n') + 2).replaceAll(/\r\n[0-9a-f]+\r\n/g, '')).toMatch(
      /^(one,two,three\s*)$/,
    );

    const empty = await ask(`GET /empty ${HEAD}\r\nGET /2 ${HEAD}\r\n`, /<>$/);
    expect(empty.text).toMatch(
      /^HTTP\/1\.1 204 No Content\r\n(?:(?!content-length|transfer-encoding)[^\r]+\r\n)+\r\nHTTP/,
    );
  });

  test('answers HEAD with the length and without the body', async () => {
    const { text } = await ask(`HEAD / ${HEAD}\r\nGET /2 ${HEAD}\r\n`, /<>$/);

    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-length: 2\r\n(?:[^\r]+\r\n)+\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  test('says by itself that a client may go on', async () => {
    const connection = await ask(
      `POST / ${HEAD}expect: 100-continue\r\ncontent-length: 2\r\n\r\n`,
      /Continue\r\n\r\n$/,
    );
    connection.send('ok');

    await expect.poll(() => connection.text).toMatch(/<ok>$/);
    expect(seen.at(-1)).not.toContain('expect');
  });

  test('ends the connection where the client asks it to', async () => {
    const connection = await ask(`GET / ${HEAD}Connection: close\r\n\r\n`, /<>$/);

    expect(connection.text).toMatch(/\r\nconnection: close\r\n/);
    await expect.poll(() => connection.isEnded).toBe(true);
  });

  test('ends the connection behind an answer that did not wait for its request', async () => {
    const connection = await ask(`POST /early ${HEAD}content-length: 100000\r\n\r\nsome`, /early$/);

    expect(connection.text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nconnection: close\r\n/);
    await expect.poll(() => connection.isEnded).toBe(true);
  });

  test('keeps headers of the connection to itself, and those that it names', async () => {
    await ask(
      `GET / ${HEAD}Connection: keep-alive, X-Hop\r\nKeep-Alive: 5\r\nX-Hop: 1\r\nX-End: 2\r\nTE: trailers\r\n\r\n`,
      /<>/,
    );

    expect(seen.at(-1)).not.toMatch(/x-hop|keep-alive"|"te"/);
    expect(seen.at(-1)).toContain('"x-end":"2"');
  });

  test.each([
    ['what is no HTTP', 'GET / HTTP/1.1\r\nhost: x\r\na b\r\n\r\n', 400, 'Bad Request', 'http1.codec_error'],
    [
      'a length beside chunks',
      `POST / ${HEAD}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
      400,
      'Bad Request',
      'http1.content_length_and_chunked_not_allowed',
    ],
    ['a request without a host', 'GET / HTTP/1.1\r\n\r\n', 400, 'Bad Request', 'missing_host_header'],
    [
      'a head that does not end',
      `GET / ${HEAD}a: ${'b'.repeat(70_000)}`,
      431,
      'Request Header Fields Too Large',
      'http1.headers_too_large',
    ],
    [
      'another encoding than chunks',
      `POST / ${HEAD}transfer-encoding: gzip\r\n\r\n`,
      501,
      'Not Implemented',
      'http1.invalid_transfer_encoding',
    ],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nhost: echo.shop\r\n\r\n', 426, '', 'low_version'],
  ])('refuses %s, and says so in its log', async (_name, text, status, body, details) => {
    const connection = await ask(text, /\r\n\r\n/);

    expect(connection.text).toMatch(
      new RegExp(
        `^HTTP/1\\.1 ${status} [^]*\r\ncontent-length: ${body.length}\r\n[^]*\r\nserver: envoy\r\nconnection: close\r\n\r\n${body}$`,
      ),
    );
    await expect.poll(() => connection.isEnded).toBe(true);
    await expect
      .poll(() => logLines(client).at(-1))
      .toContain(`"- - HTTP/1.1" ${status} DPE ${details} - "-" 0 ${body.length} 0 - `);
  });

  test('has no way for tunnels', async () => {
    const { text } = await ask('CONNECT echo.shop:80 HTTP/1.1\r\nhost: echo.shop\r\n\r\n', /\r\n\r\n$/);

    expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test('refuses a malformed chunk in the middle of a body', async () => {
    const connection = await ask(`POST /bad ${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n`, /\r\n\r\n/);

    expect(connection.text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    await expect.poll(() => logLines(client).at(-1)).toContain('"POST /bad HTTP/1.1" 400 DPE http1.codec_error ');
  });

  test('at the server answers with its own name', async () => {
    const { text } = await ask('GET / HTTP/1.1\r\n\r\n', /\r\n\r\n/, 'echo.shop', plain);

    expect(text).toMatch(/\r\nserver: istio-envoy\r\n/);
  });

  test('says when a client did not wait for its answer', async () => {
    const connection = await RawClient.open(cluster, client, 'echo.shop', 80);
    connection.send(`POST /gone ${HEAD}content-length: 9\r\n\r\nabc`);
    await expect.poll(() => seen.at(-1)).toContain('POST /gone');
    connection.connection.destroy();

    await expect
      .poll(() => logLines(client).at(-1))
      .toContain('"POST /gone HTTP/1.1" 0 DC downstream_remote_disconnect ');
  });
});

describe('an upstream', () => {
  const answer = (text: string): string => `GET /${encodeURIComponent(text)} HTTP/1.1\r\nhost: raw.shop\r\n\r\n`;

  test('that ends its answer with the connection is passed on in chunks', async () => {
    const { text } = await ask(answer('HTTP/1.0 200 OK\r\n\r\nall'), /0\r\n\r\n$/, 'raw.shop');

    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*transfer-encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n$/);
  });

  test('that says first that it will answer is heard once', async () => {
    const { text } = await ask(
      answer('HTTP/1.1 103 Early Hints\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'),
      /x$/,
      'raw.shop',
    );

    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test.each([
    ['closes without an answer', '', 503, 'UC', 'connection termination'],
    ['closes in the middle of the head', 'HTTP/1.1 200 OK\r\ncontent-', 503, 'UC', 'connection termination'],
    ['speaks something else', '220 smtp.example.com ESMTP\r\n', 502, 'UPE', 'protocol error'],
    [
      'gives a length beside chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      502,
      'UPE',
      'protocol error',
    ],
  ])('that %s is a failure', async (_name, bytes, status, flags, reason) => {
    const { text } = await ask(answer(bytes), /\r\n\r\n./, 'raw.shop');

    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toMatch(
      new RegExp(`\r\n\r\nupstream connect error or disconnect/reset before headers\\. reset reason: ${reason}$`),
    );
    await expect.poll(() => logLines(client).at(-1)).toContain(` ${status} - via_upstream `);
    await expect
      .poll(() => logLines(raw).at(-1))
      .toContain(` ${status} ${flags} upstream_reset_before_response_started{${reason.replace(' ', '_')}} `);
  });

  test('that breaks off in the middle of an answer breaks it off', async () => {
    const connection = await ask(answer('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart'), /part$/, 'raw.shop');

    await expect.poll(() => connection.isEnded || connection.error !== null).toBe(true);
    await expect
      .poll(() => logLines(client).at(-1))
      .toContain(' 200 UC upstream_reset_after_response_started{connection_termination} ');
  });

  test('may change protocols, and has the connection to itself from then on', async () => {
    const connection = await ask(
      'GET /socket HTTP/1.1\r\nhost: raw.shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      /hello $/,
      'raw.shop',
    );
    connection.send('shout');

    await expect.poll(() => connection.text).toMatch(/hello SHOUT$/);
    expect(connection.text).toMatch(
      /^HTTP\/1\.1 101 Switching Protocols\r\n[^]*connection: Upgrade\r\nupgrade: websocket\r\n/,
    );
    connection.connection.end();
    await expect
      .poll(() => logLines(client).at(-1))
      .toMatch(/"GET \/socket HTTP\/1\.1" 101 - via_upstream - "-" 0 11 /);
  });
});
