import type { Process, Program } from '../../process/process.ts';
import { askService, passedOn, type ServiceAnswer, ServiceError, TRACE_HEADERS } from '../ask-service.ts';
import { escapeHtml } from '../html.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from '../serve.ts';

const PORT = 8080;
const BOARDS_TIMEOUT_MS = 30_000;

/**
 * The workshop's web page: what everybody has pasted, and a field to paste more. Red Hat's service mesh workshop,
 * code/app-ui/routes/shared.js; left out: users, their boards and the search. The look is our own.
 */
export const appUi: Program = async (process) => {
  await process.print(`Listening on port ${PORT}\n`);
  const accept = httpAcceptor(process, (request, response) => {
    const send = (status: number, body: string, more: readonly (readonly [string, string])[] = []): void =>
      answer(
        response,
        status,
        [
          ['X-Powered-By', 'Express'],
          ...more,
          ['Content-Type', 'text/html; charset=utf-8'],
          ['Date', httpDate(process)],
        ],
        body,
      );
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const headers = { ...passedOn(request, TRACE_HEADERS), 'User-Agent': 'app-ui' };
    const handle = async (): Promise<void> => {
      if (path === '/') send(302, '', [['Location', '/shared']]);
      else if (path === '/shared') send(200, page(readItems(await ask(process, { headers }))));
      else if (path === '/shared/paste' && request.method === 'POST') {
        const raw = new URLSearchParams((await readBody(request)).toString('utf8')).get('pastedata') ?? '';
        if (raw !== '') {
          await ask(process, {
            method: 'POST',
            headers: { ...headers, 'Content-Type': 'application/json' },
            body: JSON.stringify({ owner: 'userX', type: 'string', raw, name: '' }),
          });
        }
        send(302, 'Found. Redirecting to /shared', [['Location', '/shared']]);
      } else send(404, '<h1>Not Found</h1>\n');
    };
    handle().catch(() => response.destroy());
  });
  return listenUntilStopped(process, new Map([[PORT, accept]]));
};

/** Null when no answer came. */
async function ask(
  process: Process,
  request: { method?: string; headers: Record<string, string>; body?: string },
): Promise<ServiceAnswer | null> {
  const host = process.environment.get('BOARDS_SVC_HOST') ?? 'boards';
  const port = process.environment.get('BOARDS_SVC_PORT') ?? '8080';
  try {
    return await askService(process, `http://${host}:${port}/shareditems`, {
      ...request,
      timeoutMs: BOARDS_TIMEOUT_MS,
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    await process.printError(`boards: ${error.message}\n`);
    return null;
  }
}

interface Item {
  raw?: unknown;
  owner?: unknown;
  created_at?: unknown;
}

function readItems(found: ServiceAnswer | null): Item[] | null {
  if (found?.status !== 200) return null;
  try {
    return JSON.parse(found.body) as Item[];
  } catch {
    return null;
  }
}

const STYLE =
  ':root{color-scheme:light dark}body{max-width:44rem;margin:0 auto;padding:0 1rem 2rem;font:1rem/1.6 system-ui,sans-serif}ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:.75rem;padding:0;list-style:none}li{padding:.75rem;border:1px solid #8886;border-radius:.5rem;overflow-wrap:anywhere}small{display:block;opacity:.75}form{display:flex;gap:.5rem}input{flex:1}input,button{padding:.45rem .75rem;font:inherit}.error{color:#c0392b}';

function page(items: Item[] | null): string {
  const text = (value: unknown): string => (typeof value === 'string' ? escapeHtml(value) : '');
  const cards = (items ?? []).map(
    ({ raw, owner, created_at: created }) => `<li>${text(raw)}<small>${text(owner)} · ${text(created)}</small></li>`,
  );
  const list =
    items === null
      ? '<p class="error">The items could not be loaded: the boards service did not answer as it should.</p>'
      : `<ul>\n${cards.length === 0 ? '<li>Nothing has been pasted yet.</li>' : cards.join('\n')}\n</ul>`;
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Cut and Paster</title><style>${STYLE}</style></head>
<body>
<h1>Shared Items</h1>
<form method="post" action="/shared/paste"><input name="pastedata" aria-label="What to paste" placeholder="Paste something here"><button>Paste</button></form>
${list}
</body>
</html>
`;
}
