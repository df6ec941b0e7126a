import { createServer } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { createApp } from '../http/app.ts';
import { createRealClusters } from '../http/cluster-question.ts';
import { createIngress } from '../http/ingress.ts';
import { createLearnerCookie } from '../http/learner-cookie.ts';
import { createSockets } from '../http/sockets.ts';
import { createCatalog } from '../lessons/catalog.ts';
import type { Problem } from '../lessons/definition.ts';
import { loadLessons } from '../lessons/load-lessons.ts';
import { type LessonsReading, watchLessons } from '../lessons/watch-lessons.ts';
import { stderrLogger, type Logger } from '../logger.ts';
import { loadRealCluster } from '../session/real-cluster.ts';
import { createTriedLoader } from '../session/load-tried-lessons.ts';
import { createSessions } from '../session/sessions.ts';
import { readArguments } from './arguments.ts';
import { paths } from './paths.ts';
import { createWorkplace, type Workplace } from './workplace.ts';

const DEFAULT_PORT = 3000;
const DEFAULT_HOST = '127.0.0.1';

/** `taller serve`: returns when the server has been stopped by a signal. */
export async function serve(args: readonly string[]): Promise<number> {
  const { values } = readArguments('serve', {
    args: [...args],
    options: {
      port: { type: 'string' },
      host: { type: 'string', default: DEFAULT_HOST },
      lessons: { type: 'string', default: paths.lessons },
      'allow-host': { type: 'string', multiple: true, default: [] },
      watch: { type: 'boolean', default: false },
    },
  });
  const port = readPort(values.port, process.env.PORT);
  const lessonsDirectory = resolve(values.lessons);
  // An author reads at once what would keep the cluster from starting; for others that costs too long.
  const load = values.watch ? createTriedLoader() : loadLessons;
  const { lessons, problems } = await load(lessonsDirectory);
  printProblems(problems);
  // Whoever watches is about to mend it.
  if (lessons.length === 0 && !values.watch) {
    throw new UserError(
      'LESSONS_NOT_FOUND',
      `There is no sound lesson in ${lessonsDirectory}. Choose a folder with --lessons DIR.`,
    );
  }

  const workplace = await createWorkplace();
  const server = createTallerServer({
    lessons,
    problems: values.watch ? problems : [],
    workplace,
    clientDirectory: paths.client,
    allowedHosts: [...values['allow-host'], ...(isIP(values.host) ? [] : [values.host])].map((name) =>
      name.toLowerCase(),
    ),
    logger: stderrLogger,
  });
  let stopWatching: (() => void) | undefined;
  const stopSurviving = surviveBugs(stderrLogger);
  try {
    const url = await server.listen(port, values.host);
    const count = lessons.length === 1 ? '1 lesson' : `${lessons.length} lessons`;
    process.stdout.write(`\n  Taller is ready with ${count}:\n\n    ${url}\n\n  Stop it with Ctrl-C.\n\n`);
    if (!isLoopback(values.host)) {
      process.stderr.write(
        `  Whoever reaches ${url} gets a shell on this machine as the user that started Taller.\n` +
          '  Listen beyond loopback only inside a container or on a network that you trust.\n\n',
      );
    }
    if (values.watch) {
      process.stdout.write(`  Watching ${lessonsDirectory}: save, and the page shows it.\n\n`);
      const take = (reading: LessonsReading) => {
        printProblems(reading.problems);
        for (const { id, lesson, removed } of server.save(reading)) {
          if (lesson) process.stdout.write(`${id}: saved\n`);
          else if (removed) process.stdout.write(`${id}: removed\n`);
        }
      };
      stopWatching = await watchLessons(lessonsDirectory, take, tellWatchError, load);
    }
    await signalled();
  } finally {
    stopWatching?.();
    await server.dispose();
    await workplace.dispose();
    stopSurviving();
  }
  return 0;
}

/**
 * What nobody caught, a bug in the cluster of one learner, is told and does not end the shells of all the others.
 * @returns stops it
 */
function surviveBugs(logger: Logger): () => void {
  const survive = (error: NodeJS.ErrnoException) => {
    // Whoever read our output has gone, and telling that would be the next such error.
    if (error.code !== 'EPIPE') logger.error('a bug of ours; the server goes on', error);
  };
  process.on('uncaughtException', survive);
  return () => process.off('uncaughtException', survive);
}

export interface TallerServerOptions {
  lessons: Awaited<ReturnType<typeof loadLessons>>['lessons'];
  /** What their author has to mend, for the pages; default none. */
  problems?: readonly Problem[];
  workplace: Workplace;
  clientDirectory: string;
  allowedHosts: readonly string[];
  logger: Logger;
}

/** The whole server, not listening yet. */
export function createTallerServer(options: TallerServerOptions) {
  const sessions = createSessions({ ...options.workplace, logger: options.logger });
  const cookieFor = createLearnerCookie();
  const catalog = createCatalog(options.lessons, options.problems);
  const shared = { ...options, catalog, cookie: (port: number) => cookieFor(`taller-${port}`) };
  const realClusters = createRealClusters(() => loadRealCluster(process.env));
  const sockets = createSockets({ ...shared, sessions, realClusters });
  const app = createApp({ ...shared, sessionCount: () => sessions.size });
  const ingress = createIngress((name) => options.workplace.gateway.byIngressName(name));
  const server = createServer((request, response) => {
    if (!ingress.handleRequest(request, response)) app(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (!ingress.handleUpgrade(request, socket, head)) sockets.handleUpgrade(request, socket, head);
  });

  return {
    sessions,
    /** Shows open pages what an author has saved. @returns what became of each lesson that it touches */
    save(reading: LessonsReading) {
      const changes = catalog.save(reading);
      for (const { id, ...change } of changes) {
        sessions
          .change(id, change)
          .catch((error: unknown) => options.logger.error(`cannot show what was saved of ${id}`, error));
      }
      return changes;
    },
    /**
     * @param port 0 takes any free one.
     * @returns the address of the page.
     * @throws UserError PORT_TAKEN, ADDRESS_UNAVAILABLE
     */
    async listen(port: number, host: string): Promise<string> {
      await new Promise<void>((done, fail) => {
        server.once('error', (error: NodeJS.ErrnoException) => fail(listenError(error, port, host)));
        server.listen(port, host, done);
      });
      const actual = (server.address() as AddressInfo).port;
      return `http://${isIP(host) === 6 ? `[${host}]` : host}:${actual}`;
    },
    async dispose(): Promise<void> {
      sockets.dispose();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await sessions.dispose();
      await closed;
    },
  };
}

/** A folder that was moved away, or a link that leads in circles, is the author's; anything else is ours. */
function tellWatchError(what: string, error: unknown): void {
  if (!(error instanceof UserError) && !('code' in (error as Error))) return stderrLogger.error(what, error);
  const why = (error as Error).message.replace(/\.$/, '');
  process.stderr.write(`${what}: ${why}. Mend it and start taller again: what you save may not be seen until then.\n`);
}

function printProblems(problems: readonly Problem[]): void {
  for (const { file, line, message } of problems) process.stderr.write(`${file}:${line}: ${message}\n`);
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new UserError('PORT_TAKEN', `Port ${port} on ${host} is taken. Choose another with --port N.`, {
      cause: error,
    });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EACCES') {
    const message = `Cannot listen on ${host}:${port} (${error.code}). Choose another with --host ADDRESS and --port N.`;
    return new UserError('ADDRESS_UNAVAILABLE', message, { cause: error });
  }
  return error;
}

/** An empty variable counts as none, as compose files write it. */
function readPort(option: string | undefined, variable: string | undefined): number {
  const text = option ?? (variable || undefined);
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  const where = option === undefined ? 'PORT: ' : '';
  throw new UserError('BAD_ARGUMENTS', `${where}"${text}" is not a port. Use --port with a number from 0 to 65535.`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function signalled(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
}
