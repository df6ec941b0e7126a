import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { ListedLesson } from '../../common/lesson.ts';
import { isLocale, type Locale } from '../../common/locale.ts';
import { MESSAGES } from '../../common/messages/index.ts';
import type { Catalog } from '../lessons/catalog.ts';
import { inCourses } from '../lessons/courses.ts';
import type { LessonDefinition } from '../lessons/definition.ts';
import { IMAGE_FILE, readImage } from '../lessons/lesson-image.ts';
import type { Logger } from '../logger.ts';
import { compressedAssets } from './compressed-assets.ts';
import { isAllowedHost } from './host.ts';
import type { LearnerCookie } from './learner-cookie.ts';
import { type PageHead, withHead } from './page-head.ts';

export interface AppOptions {
  catalog: Catalog;
  /** Folder with the built page: `index.html` and `assets/`. */
  clientDirectory: string;
  /** By the port that a request came to. */
  cookie: (port: number) => LearnerCookie;
  /** Host names besides localhost and addresses, see {@link isAllowedHost}. */
  allowedHosts: readonly string[];
  /** For `/healthz`. */
  sessionCount: () => number;
  logger: Logger;
}

/** Pages, lessons and assets over HTTP. It never listens: see `serve.ts`. */
export function createApp(options: AppOptions): Express {
  const { catalog, clientDirectory } = options;
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders());
  app.use((request, response, next) => {
    if (isAllowedHost(request.headers.host, options.allowedHosts)) return next();
    const host = JSON.stringify(request.headers.host ?? '');
    response.status(403).type('text/plain');
    response.send(
      `Taller does not answer to the host ${host}. Start it with --allow-host NAME if that name is yours.\n`,
    );
  });

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', lessons: catalog.all().length, sessions: options.sessionCount() });
  });

  app.get('/api/lessons', (request, response) => {
    const locale = requestedLocale(request);
    response.json(inCourses(catalog.all()).map(({ lesson, position }) => listed(lesson, position, locale)));
  });
  app.get('/api/lessons/:id', (request, response) => {
    const lesson = catalog.get(request.params.id);
    if (!lesson) {
      const problems = catalog.problems(request.params.id);
      return void response
        .status(404)
        .json({ error: 'LESSON_NOT_FOUND', ...(problems.length > 0 ? { problems } : {}) });
    }
    response.json(lesson.texts[requestedLocale(request)].lesson);
  });
  // What `istioctl dashboard` prints: it does not know in which language the learner reads.
  app.get('/lessons/:id/mesh', (request, response, next) => {
    if (!catalog.get(request.params.id)) return next();
    response.vary('Accept-Language').redirect(302, `/${preferredLocale(request)}/lessons/${request.params.id}#mesh`);
  });
  app.get('/lessons/:id/images/:file', (request, response, next) => {
    const { id, file } = request.params;
    const lesson = catalog.get(id);
    if (!lesson || !IMAGE_FILE.test(file)) return next();
    // Not `sendFile`, which follows a link out of the lesson and waits for a pipe that nobody writes into.
    readImage(lesson.directory, file).then((image) => {
      if ('refused' in image) return next();
      response.type(extname(file)).set('cache-control', 'no-cache').send(image.content);
    }, next);
  });

  const assets = join(clientDirectory, 'assets');
  app.use('/assets', compressedAssets(assets), express.static(assets, { immutable: true, maxAge: '1y', index: false }));
  app.get('/', (request, response) => {
    response.vary('Accept-Language').redirect(302, `/${preferredLocale(request)}`);
  });

  const page = async (request: Request, response: Response, status: number, head: PageHead) => {
    const cookie = options.cookie(request.socket.localPort ?? 0);
    if (cookie.read(request.headers.cookie) === null) response.append('set-cookie', cookie.issue());
    // The page names its assets by hash, so a stale copy of it would ask for files that are gone.
    response.status(status).type('html').set('cache-control', 'no-cache');
    response.send(withHead(await readFile(join(clientDirectory, 'index.html'), 'utf8'), head));
  };
  app.get('/:locale', (request, response, next) => {
    const { locale } = request.params;
    if (!isLocale(locale)) return next();
    const { app: words, home } = MESSAGES[locale];
    return page(request, response, 200, { locale, title: words.title([home.heading]), description: home.intro });
  });
  app.get('/:locale/lessons/:id', (request, response, next) => {
    const { locale, id } = request.params;
    if (!isLocale(locale)) return next();
    const lesson = catalog.get(id)?.texts[locale].lesson;
    const { app: words, problem } = MESSAGES[locale];
    const title = words.title([lesson?.title ?? problem.lessonNotFound]);
    return page(request, response, lesson ? 200 : 404, { locale, title, description: lesson?.summary ?? '' });
  });
  // Whatever else lies beside the page: the favicon.
  app.use(express.static(clientDirectory, { index: false, redirect: false }));

  app.use((request, response) => {
    if (request.method === 'GET' && request.accepts('html')) {
      const first = request.path.split('/')[1];
      const locale = isLocale(first) ? first : preferredLocale(request);
      const { app: words, problem } = MESSAGES[locale];
      return page(request, response, 404, { locale, title: words.title([problem.pageNotFound]), description: '' });
    }
    return void response.status(404).json({ error: 'NOT_FOUND' });
  });
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    // Express gives what a client got wrong (a path that does not decode) a status below 500.
    const { status } = error as { status?: unknown };
    if (typeof status === 'number' && status < 500) return void response.status(status).json({ error: 'BAD_REQUEST' });
    options.logger.error('request failed', error);
    if (response.headersSent) return next(error);
    response.status(500).json({ error: 'INTERNAL' });
  });
  return app;
}

function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // xterm.js sizes its rows with inline styles.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // A lesson in a classroom is plain http; whoever puts TLS in front sets this there.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
  });
}

function requestedLocale(request: Request): Locale {
  return isLocale(request.query.locale) ? request.query.locale : 'en';
}

/** The language that the learner chose last, else the first of the browser's that there is. */
function preferredLocale(request: Request): Locale {
  const locale = request.acceptsLanguages('en', 'es');
  return localeCookie(request) ?? (isLocale(locale) ? locale : 'en');
}

/** The language that the learner chose last; the page writes it. */
function localeCookie(request: Request): Locale | null {
  const value = /(?:^|;\s*)taller-locale=([a-z]+)/.exec(request.headers.cookie ?? '')?.[1];
  return isLocale(value) ? value : null;
}

function listed(lesson: LessonDefinition, position: number | null, locale: Locale): ListedLesson {
  const { id, title, summary, minutes, level, stepCount, tool, istio } = lesson.texts[locale].lesson;
  return { id, title, summary, minutes, level, stepCount, tool, istio, position };
}
