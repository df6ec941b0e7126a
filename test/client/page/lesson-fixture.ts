import type { Lesson, RunBlock } from '../../../common/lesson.ts';
import type { Locale } from '../../../common/locale.ts';

const RUN: Omit<RunBlock, 'id' | 'command'> = {
  kind: 'run',
  terminal: 1,
  interrupt: false,
  timeoutMs: 30_000,
  exit: 0,
  outputs: [],
  hintHtml: null,
};

/** What an author should not write, and what must not happen when one does. */
export const HOSTILE_HTML = [
  '<script>window.attacked = true</script>',
  '<img alt="" src="data:," onerror="window.attacked = true">',
  '<a id="script-link" href="javascript:window.attacked=true">link</a>',
  '<form action="/steal"><input name="token"></form>',
  '<p style="position:fixed;inset:0">cover</p>',
  '<iframe src="/en"></iframe>',
].join('');

/** Every kind of block; the second step holds hostile HTML. */
export function createLesson(locale: Locale): Lesson {
  const spanish = locale === 'es';
  return {
    id: 'fixture',
    title: spanish ? 'Una lección' : 'A lesson',
    summary: spanish ? 'Para probar la página.' : 'To try the page.',
    minutes: 5,
    level: 'beginner',
    stepCount: 2,
    tool: 'kubectl',
    istio: null,
    locale,
    introHtml: spanish ? '<p>Hola.</p>' : '<p>Hello.</p>',
    steps: [
      {
        id: 'step-1',
        title: spanish ? 'Primero' : 'First',
        html: '<p>Text with <code>code</code>.</p><div data-block="1-1"></div><div data-block="1-2"></div><div data-block="1-3"></div>',
        blocks: [
          {
            ...RUN,
            id: '1-1',
            command: 'kubectl get pods',
            outputs: [{ text: 'web 2/2 Running <age>', mode: 'in-order' }],
            hintHtml: `<p>${spanish ? 'Espera un poco.' : 'Wait a little.'}</p>`,
          },
          {
            kind: 'check',
            id: '1-2',
            name: 'strict',
            goal: 'The whole mesh is `STRICT`.',
            subject: 'PeerAuthentication default -n istio-system',
            hintsHtml: { 'spec.mtls.mode': '<p>Look at the mode.</p>' },
          },
          { kind: 'hint', id: '1-3', html: '<p>A hint that stands alone.</p>' },
        ],
      },
      {
        id: 'step-2',
        title: spanish ? 'Segundo' : 'Second',
        html: `${HOSTILE_HTML}<div data-block="2-1"></div>`,
        blocks: [{ ...RUN, id: '2-1', command: 'echo two', terminal: 2 }],
      },
    ],
    next: { id: 'other', title: spanish ? 'Otra' : 'Another', available: false },
  };
}
