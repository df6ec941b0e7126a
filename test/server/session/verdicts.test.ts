import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { withVerdicts } from '../../../server/proof/describe-verdicts.ts';
import { createSession, type Session } from '../../../server/session/session.ts';
import { createTempLesson } from './temp-lesson.ts';

const bundle = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));

const SETUP = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  containers: [{ name: nginx, image: nginx, ports: [{ containerPort: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports: [{ name: http, port: 80 }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
---
apiVersion: v1
kind: Pod
metadata: { name: rogue, namespace: default }
spec:
  containers: [{ name: curl, image: curlimages/curl, command: [sleep, infinity] }]
`;

const CURL = 'kubectl exec rogue -- curl -sS http://web.shop';
const MARKDOWN = `## One

\`\`\`sh run
kubectl wait --for=condition=Ready pod/rogue --timeout=60s && kubectl -n shop wait --for=condition=Ready pod/web --timeout=20s
\`\`\`

\`\`\`sh run
${CURL}
\`\`\`

\`\`\`sh run
${CURL}; ${CURL}
\`\`\`

\`\`\`output exit=56
...
\`\`\`

\`\`\`check refused
run: ${CURL}
exit: 56
\`\`\`

\`\`\`check answered
run: ${CURL}
\`\`\`

\`\`\`check quiet
run: kubectl get pods -o name
\`\`\`
`;

let workplace: Workplace;
let lesson: Awaited<ReturnType<typeof createTempLesson>>;
let session: Session;

beforeAll(async () => {
  workplace = await createWorkplace(bundle);
  lesson = await createTempLesson(MARKDOWN, { 'setup/shop.yaml': SETUP }, 'setup: [shop.yaml]\n');
  const logger = { info: () => undefined, error: () => undefined };
  session = await createSession(await lesson.load(), { ...workplace, logger });
  expect(await run('1-1')).toMatchObject({ status: 'passed' });
});

afterAll(async () => {
  await session.dispose();
  await lesson.dispose();
  await workplace.dispose();
});

async function run(id: string) {
  const start = await session.runBlock(id, { interrupt: false });
  if (!start.started) throw new Error(`${id} was not run: ${start.reason}`);
  return start.settled;
}

const refused = {
  code: 'plaintext-refused',
  client: { namespace: 'default', pod: 'rogue', sidecar: false },
  server: { namespace: 'shop', pod: 'web', sidecar: true },
  port: 80,
  mode: 'STRICT',
  kind: 'PeerAuthentication',
  policy: 'shop/default',
};

it('a command that fails because the mesh refused it says why', async () => {
  const state = await run('1-2');

  expect(state).toMatchObject({ status: 'failed', verdicts: [refused] });
  expect(session.state().blocks['1-2']).toEqual(state);
});

it('one that is to fail says it as well, each reason once', async () => {
  const state = await run('1-3');

  expect(state).toMatchObject({ status: 'passed' });
  expect('verdicts' in state && state.verdicts).toHaveLength(1);
});

it('a check says what was refused while it looked, and nothing when there was nothing', async () => {
  expect(await session.runCheck('refused')).toMatchObject({ status: 'passed', verdicts: [refused] });
  expect(await session.runCheck('answered')).toMatchObject({ status: 'failed', verdicts: [refused] });
  expect(await session.runCheck('quiet')).toEqual({ status: 'passed' });
});

it('the text for authors has a line for each reason below the failure', async () => {
  const state = await run('1-2');

  expect(withVerdicts('It failed.', state.status === 'failed' ? state : {})).toBe(
    `It failed.
What the mesh decided:
      From default/rogue to shop/web: The server requires mutual TLS by PeerAuthentication shop/default (STRICT, port 80); the client has no sidecar and sent plaintext.`,
  );
  expect(withVerdicts('It failed.', {})).toBe('It failed.');
});
