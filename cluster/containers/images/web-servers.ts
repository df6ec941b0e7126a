import { FileError, resolvePath } from '../files/file-system.ts';
import type { Process, Program } from '../process/process.ts';
import { curl } from '../programs/curl/curl.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from './serve.ts';

const NGINX_VERSION = '1.27.3';

const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  png: 'image/png',
  svg: 'image/svg+xml',
};

/** A file of a document root; null when there is none or it is a folder. */
function readDocument(process: Process, root: string, path: string): { content: Uint8Array; modified: number } | null {
  try {
    const name = resolvePath('/', decodeURIComponent(path));
    const node = process.container.files.find(root + (path.endsWith('/') ? `${name}/index.html` : name));
    return node.kind === 'file' ? { content: node.content, modified: node.modified } : null;
  } catch (error) {
    if (error instanceof FileError || error instanceof URIError) return null;
    throw error;
  }
}

/** Serves the files of one folder on port 80. Configuration files are not read. */
const nginx: Program = (process) => {
  const handle = httpAcceptor(process, (request, response) => {
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    const common = [
      ['Server', `nginx/${NGINX_VERSION}`],
      ['Date', httpDate(process)],
    ] as const;
    const file = readDocument(process, '/usr/share/nginx/html', path);
    const time = new Date(process.container.clock.now());
    let status = 200;
    let size: number;
    if (request.method !== 'GET' && request.method !== 'HEAD') status = 405;
    else if (file === null) status = 404;
    if (file !== null && status === 200) {
      size = file.content.length;
      const etag = `"${Math.floor(file.modified / 1000).toString(16)}-${size.toString(16)}"`;
      answer(
        response,
        200,
        [
          ...common,
          [
            'Content-Type',
            TYPES[path.split('.').at(-1) ?? ''] ?? (path.endsWith('/') ? 'text/html' : 'application/octet-stream'),
          ],
          ['Content-Length', String(size)],
          ['Last-Modified', new Date(file.modified).toUTCString()],
          ['Connection', response.shouldKeepAlive ? 'keep-alive' : 'close'],
          ['ETag', etag],
          ['Accept-Ranges', 'bytes'],
        ],
        file.content,
      );
    } else {
      const title = status === 404 ? '404 Not Found' : '405 Not Allowed';
      const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${NGINX_VERSION}</center>\r\n</body>\r\n</html>\r\n`;
      size = body.length;
      answer(
        response,
        status,
        [
          ...common,
          ['Content-Type', 'text/html'],
          ['Content-Length', String(size)],
          ['Connection', response.shouldKeepAlive ? 'keep-alive' : 'close'],
        ],
        body,
      );
    }
    void process.print(
      `${request.socket.remoteAddress ?? '-'} - - [${logTime(time)}] "${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}" ${status} ${size} "-" "${request.headers['user-agent'] ?? '-'}" "-"\n`,
    );
  });
  return listenUntilStopped(process, new Map([[80, handle]]));
};

const httpd: Program = (process) => {
  const handle = httpAcceptor(process, (request, response) => {
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    const file = readDocument(process, '/usr/local/apache2/htdocs', path);
    const common = [
      ['Date', httpDate(process)],
      ['Server', 'Apache/2.4.62 (Unix)'],
    ] as const;
    if (file !== null) {
      const headers = [
        ...common,
        ['Last-Modified', new Date(file.modified).toUTCString()],
        ['ETag', `"${file.content.length.toString(16)}-${Math.floor(file.modified / 1000).toString(16)}"`],
        ['Accept-Ranges', 'bytes'],
        ['Content-Length', String(file.content.length)],
        ['Content-Type', TYPES[path.split('.').at(-1) ?? ''] ?? 'text/html'],
      ] as const;
      answer(response, 200, headers, file.content);
    } else {
      const body =
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n';
      answer(
        response,
        404,
        [...common, ['Content-Length', String(body.length)], ['Content-Type', 'text/html; charset=iso-8859-1']],
        body,
      );
    }
    void process.print(
      `${request.socket.remoteAddress ?? '-'} - - [${logTime(new Date(process.container.clock.now()))}] "${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}" ${file === null ? 404 : 200} ${file?.content.length ?? 196}\n`,
    );
  });
  return listenUntilStopped(process, new Map([[80, handle]]));
};

/** `21/Nov/2026:16:12:34 +0000` */
function logTime(time: Date): string {
  const [, day = '', month = '', year = ''] = /^\w+, (\d+) (\w+) (\d+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time.toISOString().slice(11, 19)} +0000`;
}

export const webServerImages: readonly Image[] = [
  {
    repositories: ['nginx', 'nginxinc/nginx-unprivileged'],
    userland: 'gnu',
    entrypoint: ['/usr/sbin/nginx'],
    command: ['-g', 'daemon off;'],
    environment: { NGINX_VERSION },
    programs: { '/usr/sbin/nginx': nginx, '/usr/bin/curl': curl },
    files: { '/usr/share/nginx/html/index.html': WELCOME },
  },
  {
    repositories: ['httpd'],
    userland: 'gnu',
    command: ['httpd-foreground'],
    workingDirectory: '/usr/local/apache2',
    environment: { HTTPD_PREFIX: '/usr/local/apache2' },
    programs: { '/usr/local/bin/httpd-foreground': httpd },
    files: { '/usr/local/apache2/htdocs/index.html': '<html><body><h1>It works!</h1></body></html>\n' },
  },
];
