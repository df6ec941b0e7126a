import { execFile, spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CURL_BIONIC,
  CURL_TODAY,
  CURL_XENIAL,
  tlsErrorText,
} from '../../../../../cluster/containers/programs/curl/build.ts';
import { TestCluster, type TestPod } from '../../test-cluster.ts';

/** The same bytes served to the machine's curl over loopback and to ours inside a pod must look the same. */

const version = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const isSameCurl = version.startsWith('curl 7.88.1 ');

let cluster: TestCluster;
let pod: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  pod = cluster.pod({ image: 'governmentpaas/curl-ssl', command: ['sleep', 'infinity'] });
});
afterAll(() => cluster.dispose());

type Serve = (socket: Duplex & { resetAndDestroy?: () => void }, request: string) => void;

const ok = (body: string, headers = ''): string =>
  `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const SERVERS: Record<string, Serve> = {
  text: (socket) => socket.write(ok('hello\n')),
  empty: (socket) => socket.write(ok('')),
  echo: (socket, request) => socket.write(ok(request.replace(/Host: .*\r\n/, ''))),
  reset: (socket) => socket.resetAndDestroy?.(),
  end: (socket) => socket.end(),
  short: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'),
  chunked: (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'),
  'chunked-cut': (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  old: (socket) => socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold style\n'),
  endless: (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
  binary: (socket) => socket.end('\0\0\x06\x04'),
  missing: (socket) => socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope'),
  broken: (socket) => socket.write('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 19\r\n\r\nno healthy upstream'),
  close: (socket) => socket.end(ok('bye\n', 'Connection: close\r\n')),
  redirect: (socket, request) =>
    socket.write(
      request.startsWith('GET /there')
        ? ok('arrived\n')
        : 'HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n',
    ),
  'redirect-body': (socket, request) =>
    socket.write(
      request.includes(' /there')
        ? ok('arrived\n')
        : 'HTTP/1.1 301 Moved\r\nLocation: /there\r\nContent-Length: 5\r\n\r\nmoved',
    ),
  circle: (socket) => socket.write('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'),
  'no-content': (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  continue: (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok('after\n')}`),
  cookies: (socket, request) =>
    socket.write(
      ok(
        `${/Cookie: .*/.exec(request)?.[0] ?? 'none'}\n`,
        'Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Max-Age=3600; HttpOnly\r\nSet-Cookie: c=3; Path=/deep\r\n',
      ),
    ),
  silent: () => {},
  slow: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
  head: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n'),
};

/** `@` stands for the address of the server. */
const CASES: readonly (readonly [string, string[]])[] = [
  ['text', ['@/']],
  ['text', ['-s', '@/']],
  ['text', ['-v', '@/']],
  ['text', ['-sv', '@']],
  ['text', ['-si', '@/a?b=c']],
  ['text', ['-s', '@/', '@/second']],
  ['text', ['-sv', '@/', '@/second']],
  ['text', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '@/']],
  [
    'text',
    ['-s', '-w', '\\n%{http_code} %{size_download} %{num_connects} %{http_version} %{method} %{scheme}\\n', '@/'],
  ],
  [
    'text',
    [
      '-s',
      '-w',
      '%{content_type}|%{redirect_url}|%{exitcode}|%{errormsg}|%{size_header}|%{num_headers}|%{urlnum}',
      '@/',
    ],
  ],
  ['text', ['-s', '-w', '%{nothing} %% \\t%{http_code}', '@/']],
  ['text', ['-s', '-w', '%{stderr}err %{stdout}out', '@/']],
  ['text', ['-s', '-w', '%header{content-length}', '@/']],
  ['text', ['-sf', '@/']],
  ['text', ['-o', '/dev/null', '@/']],
  ['empty', ['@/']],
  ['empty', ['-v', '@/']],
  ['echo', ['-s', '@/path?x=1']],
  ['echo', ['-s', '-H', 'X-One: 1', '-H', 'Accept:', '-H', 'X-Two;', '@/']],
  ['echo', ['-s', '-A', 'me/1', '-e', 'http://from', '-b', 'a=b', '@/']],
  ['echo', ['-s', '-u', 'user:secret', '@/']],
  ['echo', ['-s', '-X', 'DELETE', '@/']],
  ['echo', ['-s', '-d', 'a=1', '-d', 'b=2', '@/']],
  ['echo', ['-s', '-d', '{"a":1}', '-H', 'Content-Type: application/json', '@/']],
  ['echo', ['-s', '--json', '{"a":1}', '@/']],
  ['echo', ['-s', '--data-urlencode', 'a=b c&d', '@/']],
  ['echo', ['-s', '-G', '-d', 'q=1', '@/search']],
  ['echo', ['-s', '-G', '-d', 'q=1', '@/search?z=2']],
  ['echo', ['-s', '-0', '@/']],
  ['echo', ['-s', '--compressed', '@/']],
  ['echo', ['-s', '-r', '0-4', '@/']],
  ['echo', ['-s', '--path-as-is', '@/a/../b']],
  ['echo', ['-s', '@/a/../b/./c']],
  ['echo', ['-s', '@/[1-3]']],
  ['echo', ['-s', '@/{a,b}']],
  ['echo', ['-v', '-d', 'x=1', '@/']],
  ['cookies', ['-s', '@/', '@/deep/er']],
  ['cookies', ['-s', '-b', '', '@/', '@/deep/er']],
  ['cookies', ['-s', '-c', '-', '@/', '@/deep/er']],
  ['cookies', ['-s', '-b', 'x=y', '-b', '', '@/', '@/']],
  ['cookies', ['-s', '-c', '/nonexistent/jar', '@/']],
  ['echo', ['-s', '@/one', '--next', '-d', 'a=1', '@/two']],
  ['echo', ['-sv', '-H', 'X: 1', '@/one', '--next', '@/two']],
  ['echo', ['-s', '-X', 'PUT', '-d', 'a', '@/']],
  ['echo', ['-s', '-d', '', '@/']],
  ['echo', ['-s', '--data-raw', '@not-a-file', '@/']],
  ['echo', ['-s', '--data-urlencode', 'plain text', '--data-urlencode', '=x y', '@/']],
  ['echo', ['-s', '--data-binary', 'a\nb', '@/']],
  ['echo', ['-s', '-H', 'Host: other.example', '-A', '', '@/']],
  ['echo', ['-s', '-H', 'Authorization: Bearer x', '@/']],
  ['echo', ['-s', '--oauth2-bearer', 'token', '@/']],
  ['echo', ['-s', '--http1.1', '-N', '-4', '@/']],
  ['echo', ['-s', '@/a%20b?c=d#fragment']],
  ['echo', ['-s', '-g', '@/[1-3]']],
  ['echo', ['-s', '@/[a-c]', '-o', '/dev/null', '-w', '%{url_effective}\\n'.replace('%{url_effective}', '%{urlnum}')]],
  ['echo', ['-s', '@/[1-5:2]']],
  ['echo', ['-s', '-I', '-X', 'GET', '@/']],
  ['echo', ['-s', '-K', '/nonexistent', '@/']],
  ['echo', ['-s', '-T', '/nonexistent', '@/']],
  ['echo', ['-s', '-d', '@/nonexistent', '@/']],
  ['echo', ['-s', '--cacert', '/nonexistent', '@/']],
  ['text', ['-s', '-o', '/nonexistent/file', '@/']],
  ['text', ['-o', '/nonexistent/file', '@/']],
  ['text', ['-s', '-D', '-', '@/']],
  ['text', ['-s', '-D', '-', '-o', '/dev/null', '@/']],
  ['text', ['-sS', '-i', '-w', 'done %{response_code} %{size_upload} %{size_request}\n', '@/']],
  ['missing', ['-s', '-f', '-w', '%{http_code} %{exitcode}', '@/']],
  ['missing', ['-sf', '@/', '@/second']],
  ['missing', ['-sf', '--fail-early', '@/', '@/second']],
  ['broken', ['-sS', '--retry', '1', '--retry-delay', '1', '@/']],
  ['redirect', ['-sIL', '@/']],
  ['redirect', ['-sL', '-o', '/dev/null', '-w', '%{http_code} %{num_redirects} %{size_header}\n', '@/']],
  ['reset', ['-s', '-w', '%{http_code} %{exitcode} %{errormsg}\n', '@/']],
  ['reset', ['-sS', '@/', '@/second']],
  ['reset', ['@/']],
  ['reset', ['-s', '@/']],
  ['reset', ['-sS', '@/']],
  ['reset', ['-v', '@/']],
  ['reset', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '@/']],
  ['reset', ['-sS', '-o', '/dev/null', '-w', '%{http_code}\\n', '@/']],
  ['end', ['-sS', '@/']],
  ['end', ['-v', '@/']],
  ['short', ['-sS', '@/']],
  ['short', ['-v', '@/']],
  ['chunked', ['-s', '@/']],
  ['chunked', ['-v', '@/']],
  ['chunked-cut', ['-sS', '@/']],
  ['old', ['-v', '@/']],
  ['endless', ['-v', '@/']],
  ['binary', ['-sS', '@/']],
  ['binary', ['-v', '@/']],
  ['binary', ['-s', '--http0.9', '@/']],
  ['missing', ['-s', '@/']],
  ['missing', ['-f', '@/']],
  ['missing', ['-sSf', '@/']],
  ['missing', ['-vf', '@/']],
  ['missing', ['-sS', '--fail-with-body', '@/']],
  ['missing', ['-sI', '@/']],
  ['broken', ['-s', '-w', '%{http_code}', '@/']],
  ['close', ['-v', '@/']],
  ['redirect', ['-s', '@/']],
  ['redirect', ['-s', '-w', '%{http_code} %{redirect_url}'.replace('%{redirect_url}', ''), '@/']],
  ['redirect', ['-sL', '-w', '%{http_code} %{num_redirects}', '@/']],
  ['redirect', ['-svL', '@/']],
  ['redirect-body', ['-vL', '@/']],
  ['redirect-body', ['-sL', '-d', 'a=1', '-v', '@/']],
  ['circle', ['-sSL', '--max-redirs', '3', '@/']],
  ['no-content', ['-v', '@/']],
  ['continue', ['-sv', '@/']],
  ['head', ['-I', '@/']],
  ['head', ['-sI', '@/']],
  ['head', ['-vI', '@/']],
  ['slow', ['-sS', '-m', '0.2', '@/']],
  ['silent', ['-sS', '-m', '0.2', '@/']],
  ['silent', ['-v', '-m', '0.2', '@/']],
  ['text', ['-k', 'https:@/']],
  ['reset', ['-sSk', 'https:@/']],
  ['end', ['-sSk', 'https:@/']],
];

/** Command lines that need no server. */
const ALONE: readonly string[][] = [
  [],
  ['--nothing'],
  ['-d'],
  ['-Q9'],
  ['-m', 'abc', 'http://127.0.0.1:1/'],
  ['foo://x'],
  ['http://'],
  ['-sS', 'http://127.0.0.1:1/'],
  ['http://127.0.0.1:1/'],
  ['-v', 'http://127.0.0.1:1/'],
  ['-s', '-o', '/dev/null', '-w', '%{http_code}\\n', 'http://127.0.0.1:1/'],
  ['-sS', 'http://no-such-name.invalid/'],
  ['-s', '-w', '%{http_code}', 'http://no-such-name.invalid/'],
  ['-sS', 'http://127.0.0.1:99999/'],
  ['--re', 'x'],
  ['-s'],
  ['-K'],
  ['-w', '%{http_code}', '-sS', 'http://127.0.0.1:1/', 'http://127.0.0.1:1/'],
  ['-sS', '--connect-timeout', 'x', 'http://127.0.0.1:1/'],
  ['-sS', '--retry', '1', '--retry-delay', '1', '--retry-connrefused', 'http://127.0.0.1:1/'],
  ['-sS', '--resolve', 'somewhere:1:127.0.0.1', 'http://somewhere:1/'],
  ['-sS', 'http://a b/'],
  ['-sS', 'http://[1-'],
  ['-sS', 'http://{a'],
  ['-sS', 'http://127.0.0.1:x/'],
  ['-sS', 'ftp2://x/'],
  ['-sSf', '--cacert', '/nonexistent', 'https://127.0.0.1:1/'],
];

function serve(kind: string): Serve {
  const server = SERVERS[kind];
  if (server === undefined) throw new Error(`no server "${kind}"`);
  return server;
}

function attach(socket: Duplex, act: Serve): void {
  let request = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    request += chunk.toString('latin1');
    // A TLS hello has no blank line; what it is told is enough.
    const isPlain = /^[A-Z]+ /.test(request);
    const length = Number(/Content-Length: (\d+)/i.exec(request)?.[1] ?? 0);
    const end = request.indexOf('\r\n\r\n');
    if (isPlain && (end === -1 || request.length < end + 4 + length)) return;
    const complete = request;
    request = '';
    act(socket, complete);
  });
}

function realServer(kind: string): Promise<Server> {
  const server = createServer((socket) => attach(socket, serve(kind)));
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

interface Shown {
  stdout: string;
  stderr: string;
  status: number;
}

function realCurl(args: readonly string[]): Promise<Shown> {
  return new Promise((resolve) => {
    execFile(
      'curl',
      args,
      { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: '/nonexistent' } },
      (error, stdout, stderr) => {
        resolve({ stdout, stderr, status: error === null ? 0 : Number(error.code) });
      },
    );
  });
}

const METER = /((?:^|\r)[ \d]{3} .{5}  .{3} .{5}  .{3} .{5}) +\S+ +\S+ \S+ +\S+ +\S+ +[\d.]+[kMG]?/gm;

/** What depends on time and memory. */
function mask(text: string): string {
  let meters = 0;
  return (
    text
      .replace(/0x[0-9a-f]+/g, '0x…')
      // When a cookie ends.
      .replace(/\t\d{10}\t/g, '\tN\t')
      .replace(/(after|out after) \d+ (ms|milliseconds)/g, '$1 N $2')
      // The meter's speeds and times.
      .replace(METER, '$1 …')
      // It is drawn at the start, at the end, and when the clock goes on to another second, wherever the text is then.
      .replace(/\r[^\r\n…]*…(?!\n|$)/g, (meter) => ((meters += 1) === 1 ? meter : ''))
  );
}

describe.skipIf(!isSameCurl)('shows what curl 7.88.1 shows', () => {
  test.each(CASES.map(([kind, args]) => ({ kind, args, title: `${kind}: curl ${args.join(' ')}` })))(
    '$title',
    async ({ kind, args }) => {
      const server = await realServer(kind);
      const { port } = server.address() as AddressInfo;
      const line = args.map((arg) =>
        arg.replace(/^https:@/, `https://127.0.0.1:${port}`).replace(/^@/, `http://127.0.0.1:${port}`),
      );
      const network = cluster.runtime.network.at(pod.ip);
      const close = network?.listen(port, (connection) => attach(connection, serve(kind)));
      try {
        const real = await realCurl(line);

        const ours = await pod.exec(['curl', ...line]);

        expect({ ...ours, stdout: mask(ours.stdout), stderr: mask(ours.stderr) }).toEqual({
          ...real,
          stdout: mask(real.stdout),
          stderr: mask(real.stderr),
        });
      } finally {
        close?.();
        server.close();
      }
    },
  );

  test.each(ALONE.map((args) => ({ args, title: `curl ${args.join(' ')}` })))('$title', async ({ args }) => {
    const real = await realCurl(args);

    const ours = await pod.exec(['curl', ...args]);

    expect({ ...ours, stderr: mask(ours.stderr) }).toEqual({ ...real, stderr: mask(real.stderr) });
  });
});

describe('the curl of an image', () => {
  test.each([
    ['istio/proxyv2:1.0.6', 'curl 7.47.0 (x86_64-pc-linux-gnu) libcurl/7.47.0 GnuTLS/3.4.10'],
    ['docker.io/istio/proxyv2:1.4.10', 'curl 7.58.0 (x86_64-pc-linux-gnu) libcurl/7.58.0 OpenSSL/1.1.1'],
    ['registry.istio.io/release/proxyv2:1.27.0', 'curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.19'],
  ])('is that of its time: %s', async (image, line) => {
    const one = cluster.pod({ image, command: ['sleep', 'infinity'] });

    const { stdout } = await one.exec(['curl', '--version']);

    expect(stdout.split('\n')[0]).toBe(line);
  });

  test.each([
    [CURL_TODAY, 'OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number'],
    [CURL_BIONIC, 'error:1408F10B:SSL routines:ssl3_get_record:wrong version number'],
    [CURL_XENIAL, 'gnutls_handshake() failed: An unexpected TLS packet was received.'],
  ])('words what is wrong with TLS as its library does', (build, text) => {
    const error = new Error('write EPROTO 0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:file:1:');

    expect(tlsErrorText(error, build)).toBe(text);
  });
});
