import { FileError, resolvePath } from '../files/file-system.ts';
import type { Process, Program } from '../process/process.ts';
import { contentType } from './content-type.ts';
import type { Image } from './image.ts';
import { logTime } from './log-time.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from './serve.ts';

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

const httpd: Program = async (process) => {
  const { ip } = process.container.network;
  for (let time = 0; time < 2; time += 1) {
    await process.printError(
      `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${ip}. Set the 'ServerName' directive globally to suppress this message\n`,
    );
  }
  const stamp = errorTime(process);
  await process.printError(
    `[${stamp}] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.62 (Unix) configured -- resuming normal operations\n[${stamp}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n`,
  );
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
        ['Content-Type', contentType(path) ?? 'text/html'],
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

/** `Sat Nov 21 16:12:34.000000 2026` */
function errorTime(process: Process): string {
  const time = new Date(process.container.clock.now());
  const [, weekday = '', day = '', month = '', year = ''] = /^(\w+), (\d+) (\w+) (\d+)/.exec(time.toUTCString()) ?? [];
  return `${weekday} ${month} ${day} ${time.toISOString().slice(11, 23)}000 ${year}`;
}

export const httpdImage: Image = {
  repositories: ['httpd'],
  exposes: [80],
  userland: 'gnu',
  command: ['httpd-foreground'],
  workingDirectory: '/usr/local/apache2',
  environment: { HTTPD_PREFIX: '/usr/local/apache2' },
  programs: { '/usr/local/bin/httpd-foreground': httpd },
  files: { '/usr/local/apache2/htdocs/index.html': '<html><body><h1>It works!</h1></body></html>\n' },
};
