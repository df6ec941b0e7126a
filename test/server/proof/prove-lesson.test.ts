import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { checkLesson } from '../../../server/cli/check-lesson.ts';
import { createTempLesson } from '../session/temp-lesson.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace(fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url)));
});
afterAll(() => workplace.dispose());

/** Puts a lesson of one step to the test, in one language. */
async function prove(step: string, proof = '') {
  const files: Record<string, string> = proof === '' ? {} : { 'proof.yaml': proof };
  const folder = await createTempLesson(`## One\n\n${step}`, files);
  try {
    const { lessons, proof: report } = await checkLesson(await folder.load(), ['en'], workplace, () => undefined);
    expect(lessons[0]!.problems).toEqual([]);
    const at = ({ file, line, message }: { file: string; line: number; message: string }) =>
      `${file.split('/').at(-1)}:${line}: ${message}`;
    return { ...report!, problems: report!.problems.map(at), survivors: report!.survivors.map(at) };
  } finally {
    await folder.dispose();
  }
}

const CREATE = '```sh run\nkubectl create configmap door --from-literal color=blue --from-literal size=2\n```\n\n';
const HINTS = 'hints: { missing: Create it., data.color: Another color. }\n';
const BLUE = `\`\`\`check blue\nobject: ConfigMap door\nhas: { data.color: blue }\n${HINTS}\`\`\`\n`;

test('a check that looks at the right thing refuses every wrong state', async () => {
  const report = await prove(
    CREATE + BLUE,
    `blue:
  also:
    - printf 'color=blue' > values && kubectl create configmap door --from-env-file values
    - |
      kubectl create configmap door --from-literal color=red
      kubectl patch configmap door -p '{"data":{"color":"blue"}}'
  mistakes:
    - { do: kubectl create configmap door --from-literal colour=blue, hint: data.color }
    - { then: kubectl delete configmap door, hint: missing }
`,
  );

  expect(report.problems).toEqual([]);
  expect(report.ways).toEqual({ passed: 2, of: 2 });
  expect(report.wrongStates).toEqual({ refused: 8, of: 8 });
  expect(report.attempts.map(({ kind, label }) => `${kind}: ${label}`)).toEqual([
    'undone: nothing is done, and everything in the home pretends',
    "way: printf 'color=blue' > values && kubectl create configmap door --from-env-file values",
    'way: kubectl create configmap door --from-literal color=red …',
    'mistake: kubectl create configmap door --from-literal colour=blue',
    'goal: ConfigMap door deleted',
    'goal: ConfigMap door named door-other',
    'goal: ConfigMap door in another namespace',
    'goal: data.color: "blue-other"',
    'goal: data.color left out',
    'mistake: kubectl delete configmap door',
  ]);
});

test('a check that holds before its stage is a problem, unless a reason is given and a mistake', async () => {
  const always = '```check always\nobject: Namespace default\nhints: { missing: Gone. }\n```\n';
  const already = (rest: string) => `always:\n  already: It is always there.\n${rest}`;
  const mistake = '  mistakes: [{ do: "true", hint: missing }]\n';

  expect((await prove(CREATE + always)).problems).toEqual([
    'en.md:7: check "always" passes before the first command of its stage. Test what the commands change, or give the reason behind "already:" in proof.yaml.',
  ]);
  expect((await prove(CREATE + always, already(''))).problems).toEqual([
    'proof.yaml:1: check "always" holds before its stage and was never seen to fail. Add a mistake to its proof.',
  ]);
  expect((await prove(CREATE + always, already(mistake))).problems).toEqual([
    'proof.yaml:3: check "always" passes after this mistake.',
  ]);
  expect((await prove(CREATE + BLUE, 'blue: { already: It is not. }\n')).problems).toEqual([
    'proof.yaml:1: check "blue" does not hold before its stage. Remove "already" from its proof.',
  ]);
});

test('a check that believes what stands in the home is fooled', async () => {
  const fooled =
    '```check fooled\nrun: ./kubectl get configmap door -o name 2>/dev/null || kubectl get configmap door -o name\nlines: <*>configmap/door\n```\n';
  const safe =
    '```check safe\nrun: bash -ic "kubectl get configmap door -o name" 2>/dev/null\nlines: configmap/door\n```\n';

  const report = await prove(CREATE + fooled + safe);

  expect(report.problems).toEqual([
    'en.md:7: check "fooled" can be fooled: it passes, although nothing is done, when programs, aliases or the kubeconfig in the home pretend. Do not run or read anything from the home.',
  ]);
});

test('a check that does the work itself is a problem', async () => {
  const helpful = '```check helpful\nrun: kubectl create configmap door --from-literal color=blue || true\n```\n';

  const report = await prove(CREATE + helpful);

  expect(report.problems).toEqual([
    'en.md:7: check "helpful" changes the cluster: it makes the ConfigMap door. A check only looks; let a command of the stage do it.',
  ]);
});

test('a check that takes any error for the right one survives an outage', async () => {
  const absent = (name: string, test: string) =>
    `\`\`\`check ${name}\n${test}\nhints: { exit: There is a window. }\n\`\`\`\n`;
  const already = (name: string) =>
    `${name}:\n  already: There is none.\n  mistakes: [{ then: kubectl create configmap window, hint: exit }]\n`;

  const report = await prove(
    CREATE +
      absent('any-error', 'run: "! kubectl get configmap window"') +
      absent('right-error', 'run: kubectl get configmap window\nexit: 1\nnot: <*>refused<*>'),
    already('any-error') + already('right-error'),
  );

  expect(report.problems).toEqual([]);
  expect(report.survivors).toEqual([
    'en.md:7: check "any-error" passes although the cluster does not answer: any error will do. Test also what is printed, or a status that only this refusal has.',
  ]);
});

test('a way that a check refuses and a way that fails are problems', async () => {
  const report = await prove(
    CREATE + BLUE,
    'blue:\n  also:\n    - kubectl create configmap door --from-literal color=azure\n    - kubectl create configmap\n',
  );

  expect(report.problems).toEqual([
    'proof.yaml:3: check "blue" refuses this way. Test what is reached, not how.\n      data.color should be blue and is azure.',
    expect.stringMatching(
      /^proof\.yaml:4: this way ends with status 1:\n {6}error: exactly one NAME is required, got 0/,
    ),
  ]);
  expect(report.ways).toEqual({ passed: 0, of: 2 });
});

test('a mistake that raises another hint, or two, is a problem', async () => {
  const two = BLUE.replace('{ data.color: blue }', '{ data.color: blue, data.size: "2" }').replace(
    'Another color.',
    'Another color., data.size: Another size.',
  );
  const report = await prove(
    CREATE + two,
    `blue:
  mistakes:
    - { do: kubectl create configmap door --from-literal color=red --from-literal size=2, hint: missing }
    - { do: kubectl create configmap door --from-literal color=red, hint: data.color }
    - { do: kubectl create configmap door --from-literal color=red --from-literal size=2, hint: data.color }
`,
  );

  expect(report.problems).toEqual([
    'proof.yaml:3: check "blue" shows the hint for data.color, not that for missing alone.\n      data.color should be blue and is red.',
    'proof.yaml:4: check "blue" shows the hint for data.color and that for data.size, not that for data.color alone.\n      data.color should be blue and is red.\n      data.size should be "2" and is not set.',
  ]);
});

const POLICY = `\`\`\`sh run
kubectl apply -f - <<EOF
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: readers, namespace: default }
spec:
  selector: { matchLabels: { app: web } }
  action: ALLOW
  rules: [{ to: [{ operation: { methods: [GET] } }] }]
EOF
\`\`\`

`;
const SELECTED =
  '```check selected\nobject: AuthorizationPolicy readers\nhas: { spec.selector: { matchLabels: { app: web } } }\n```\n';

test('fields of a policy that no check looks at survive, lower the score and fail nothing', async () => {
  const report = await prove(POLICY + SELECTED);

  expect(report.problems).toEqual([]);
  expect(report.survivors).toEqual([
    'en.md:15: no check of its stage refuses AuthorizationPolicy readers: spec.action: "DENY"',
    'en.md:15: no check of its stage refuses AuthorizationPolicy readers: spec.action left out',
    'en.md:15: no check of its stage refuses AuthorizationPolicy readers: spec.rules[0].to[0].operation.methods[0]: "GET-other"',
    'en.md:15: no check of its stage refuses AuthorizationPolicy readers: spec.rules[0].to[0].operation.methods[0] left out',
    'en.md:15: no check of its stage refuses AuthorizationPolicy readers: spec.selector.matchLabels.other: "label"',
  ]);
  expect(report.wrongStates).toEqual({ refused: 6, of: 11 });
});

test('fields that may differ are not looked at', async () => {
  const free =
    'selected:\n  free:\n    spec.rules: Which rule does not matter here.\n    spec.action: Either will do.\n';

  const report = await prove(POLICY + SELECTED, free);

  expect(report.survivors.map((survivor) => survivor.split('readers: ')[1])).toEqual([
    'spec.selector.matchLabels.other: "label"',
  ]);
});

test('each attempt begins where the stage begins, whatever the one before has done', async () => {
  const two = `${CREATE}${BLUE}\n\`\`\`sh run\nkubectl create namespace shop && kubectl -n shop create deployment web --image nginx\n\`\`\`\n\n\`\`\`check web\nobject: Deployment web -n shop\nhas: { status.readyReplicas: 1 }\nwithin: 60s\nhints: { missing: None., status.readyReplicas: Not yet. }\n\`\`\`\n`;
  const report = await prove(
    two,
    `web:
  also:
    - |
      test "$(kubectl get configmap door -o jsonpath='{.data.color}')" = blue
      kubectl delete configmap door
      kubectl create namespace shop
      kubectl -n shop create deployment web --image httpd --replicas 1
      echo changed > note
    - |
      test "$(kubectl get configmap door -o jsonpath='{.data.color}')" = blue
      test ! -e note
      kubectl create namespace shop
      kubectl -n shop create deployment web --image nginx
      kubectl -n shop rollout status deployment web
  mistakes:
    - { then: kubectl delete namespace shop --wait=false, hint: missing }
    - { then: kubectl -n shop scale deployment web --replicas=0, hint: status.readyReplicas }
    - { do: kubectl create namespace shop && kubectl -n shop create deployment web --image nowhere.example/web, hint: status.readyReplicas }
`,
  );

  expect(report.skipped).toBeNull();
  expect(report.problems).toEqual([]);
  expect(report.ways).toEqual({ passed: 2, of: 2 });
});

test('stages behind a failure are left out, and the report says so', async () => {
  const folder = await createTempLesson(
    `## One\n\n${CREATE}${BLUE}\n\`\`\`sh run\nfalse\n\`\`\`\n\n\`\`\`check more\nobject: ConfigMap more\n\`\`\`\n`,
  );

  const { proof } = await checkLesson(await folder.load(), ['en'], workplace, () => undefined);
  await folder.dispose();

  expect(proof!.skipped).toBe('1 of 2 stages were not put to the test, because something before failed.');
  expect(proof!.attempts.map(({ check }) => check)).not.toContain('more');
});
