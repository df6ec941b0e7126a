import type { Process, Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from './serve.ts';

const HELLO = `
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the "hello-world" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

`;

const hello: Program = async (process) => {
  await process.print(HELLO);
  return 0;
};

/** hashicorp/http-echo 1.0: one text for every request. */
const httpEcho: Program = async (process) => {
  let listen = ':5678';
  let text = process.environment.get('ECHO_TEXT') ?? 'hello-world';
  const args = process.args.slice(1);
  while (args.length > 0) {
    const [name = '', attached] = (args.shift() ?? '').replace(/^--?/, '').split(/=(.*)/s);
    const value = attached ?? args.shift() ?? '';
    if (name === 'listen') listen = value;
    else if (name === 'text') text = value;
    else if (name !== 'status-code') {
      await process.printError(`flag provided but not defined: -${name}\n`);
      return 127;
    }
  }
  const port = Number(listen.split(':').at(-1));
  await process.print(
    `${process.container.clock.now()} [INFO] server is listening on ${listen}\n`.replace(/^\d+/, stamp(process)),
  );
  const accept = httpAcceptor(process, (request, response) => {
    if (request.url === '/health') {
      answer(
        response,
        200,
        [
          ['X-App-Name', 'http-echo'],
          ['X-App-Version', '1.0.0'],
          ['Date', httpDate(process)],
          ['Content-Type', 'application/json; charset=utf-8'],
        ],
        '{"status":"ok"}\n',
      );
      return;
    }
    answer(
      response,
      200,
      [
        ['X-App-Name', 'http-echo'],
        ['X-App-Version', '1.0.0'],
        ['Date', httpDate(process)],
        ['Content-Type', 'text/plain; charset=utf-8'],
      ],
      `${text}\n`,
    );
  });
  return listenUntilStopped(process, new Map([[port, accept]]));
};

function stamp(process: Process): string {
  return new Date(process.container.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

export const smallServerImages: readonly Image[] = [
  { repositories: ['hello-world'], userland: 'none', command: ['/hello'], programs: { '/hello': hello } },
  {
    repositories: ['hashicorp/http-echo'],
    userland: 'none',
    user: { uid: 65_532, name: 'nonroot', home: '/home/nonroot' },
    entrypoint: ['/http-echo'],
    programs: { '/http-echo': httpEcho },
  },
];
