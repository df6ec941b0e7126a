import type { Connection } from '../../network/connection.ts';
import type { Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from './serve.ts';

/** istio samples/tcp-echo: each line comes back behind a word. `/bin/tcp-echo PORTS WORD`. */
const tcpEcho: Program = async (process) => {
  const [, ports = '9000', word = ''] = process.args;
  const accept = (connection: Connection): void => {
    let input = '';
    connection.on('data', (chunk: Buffer) => {
      input += chunk.toString('utf8');
      for (let end = input.indexOf('\n'); end !== -1; end = input.indexOf('\n')) {
        connection.write(`${word} ${input.slice(0, end + 1)}`);
        input = input.slice(end + 1);
      }
      if (input.length > MAX_LINE) connection.destroy();
    });
    connection.on('end', () => connection.end());
  };
  const listening = ports.split(',').map(Number);
  for (const port of listening) await process.print(`listening on [::]:${port}, prefix: ${word}\n`);
  return listenUntilStopped(process, new Map(listening.map((port) => [port, accept])));
};

/** Characters of one line. */
const MAX_LINE = 65_536;

/** istio samples/helloworld. */
const helloworld: Program = (process) => {
  const version = process.environment.get('SERVICE_VERSION') ?? 'unknown';
  const accept = httpAcceptor(process, (request, response) => {
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const known = path === '/hello' || path === '/health';
    const body = `Hello version: ${version}, instance: ${process.container.hostname}\n`;
    answer(
      response,
      known ? 200 : 404,
      [
        ['Server', 'gunicorn'],
        ['Date', httpDate(process)],
        ['Content-Type', 'text/html; charset=utf-8'],
      ],
      path === '/health' ? 'Helloworld is healthy' : known ? body : '<h1>Not Found</h1>\n',
    );
  });
  return listenUntilStopped(process, new Map([[5000, accept]]));
};

export const istioSampleImages: readonly Image[] = [
  {
    repositories: [
      'istio/tcp-echo-server',
      'registry.istio.io/release/tcp-echo-server',
      'gcr.io/istio-release/tcp-echo-server',
    ],
    userland: 'busybox',
    entrypoint: ['/bin/tcp-echo'],
    command: ['9000', 'hello'],
    programs: { '/bin/tcp-echo': tcpEcho },
  },
  ...['v1', 'v2'].map((version): Image => ({
    repositories: ['istio', 'registry.istio.io/release', 'gcr.io/istio-release'].map(
      (registry) => `${registry}/examples-helloworld-${version}`,
    ),
    userland: 'gnu',
    workingDirectory: '/opt/microservices',
    environment: { SERVICE_VERSION: version },
    command: ['/usr/local/bin/python', 'app.py'],
    programs: { '/usr/local/bin/python': helloworld },
  })),
];
