import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyLesson, type LessonCopy, lineOf } from './lesson-copy.ts';
import { startCpuTime } from '../../cpu-time.ts';

let copy: LessonCopy;
beforeEach(async () => {
  copy = await copyLesson();
});
afterEach(() => copy.dispose());

test('the untouched copy has no problem', async () => {
  expect(await copy.problems()).toEqual([]);
});

const CREATE = '```sh run\nkubectl create namespace noistio';
const CREATED = '```output\nnamespace/noistio created';
const STRICT_CHECK = '```check mesh-strict';

/** What is broken; file, text and its replacement; a text whose line is to be named, plus a number; the message. */
type Breakage = [
  what: string,
  file: string,
  before: string,
  after: string,
  at: [text: string, plus: number],
  message: string,
];

const BREAKAGES: Breakage[] = [
  [
    'front matter',
    'en.md',
    '# Mutual TLS across the mesh',
    '---\ntitle: TLS\n---\n# Mutual TLS across the mesh',
    ['# Mutual', 0],
    'what stands between "---" and "---" is not read here. Move it to lesson.yaml.',
  ],
  [
    'an image whose name has a blank',
    'en.md',
    'In `sleep.yaml` there',
    '![a](images/a shop.svg) there',
    ['In `sleep.yaml` there', 0],
    '"![a](images/a shop.svg)" would be shown as text. Write ![what it shows](images/NAME.svg), the name without blanks.',
  ],
  [
    'an image with a strange name',
    'en.md',
    'images/shop.svg',
    'images/🛒.svg',
    ['images/shop.svg', 0],
    'the image "images/🛒.svg" has a name that is not served. Use letters, digits, dots, hyphens and underscores.',
  ],
  [
    'a fence in a hint',
    'en.md',
    '```hint\nDo you see `unchanged` instead of `created`? Then it was there already, and you can go on.\n```',
    '````hint\n```sh run\nls\n```\n````',
    ['```hint\nDo you see', 1],
    '"```sh run" is inside a hint, which holds no fences. Put it below the hint, or write `code`.',
  ],
  [
    'a level left empty',
    'lesson.yaml',
    'level: beginner',
    'level:',
    ['level:', 0],
    '"level" is empty. Use beginner, intermediate, advanced.',
  ],
  [
    'an object as kubectl takes it',
    'en.md',
    'object: PeerAuthentication default -n istio-system',
    'object: PeerAuthentication/default -n istio-system',
    ['object: PeerAuthentication default', 0],
    '"object" is PeerAuthentication/default -n istio-system. Write kind, name and namespace: PeerAuthentication default -n istio-system. Did you mean "PeerAuthentication default -n istio-system"?',
  ],
  [
    'a fold left open',
    'en.md',
    'In `sleep.yaml` there',
    '<details>\n<summary>More</summary>\n\nThere',
    ['In `sleep.yaml` there', 0],
    '"<details>" is not closed in its step. Write </details> where it ends.',
  ],
  [
    'a shell with capitals',
    'en.md',
    CREATE,
    CREATE.replace('sh run', 'Sh Run'),
    [CREATE, 0],
    '"Sh Run" is written with capitals. Write ```sh run.',
  ],
  [
    'a prompt copied along',
    'es.md',
    'kubectl create namespace noistio',
    '$ kubectl create namespace noistio',
    [CREATE, 1],
    '"$ kubectl create namespace noistio" begins with a prompt. Write the command alone: kubectl create namespace noistio',
  ],
  [
    'a command marked as in another format',
    'en.md',
    'In `sleep.yaml` there',
    'Run `ls`{{execute T1}}, there',
    ['In `sleep.yaml` there', 0],
    '"{{execute T1}}" does nothing here. Put the command into a fence of its own, ```sh run.',
  ],
  [
    'a fence of two marks',
    'en.md',
    'In `sleep.yaml` there',
    '``sh run\nls\n``\n\nThere',
    ['In `sleep.yaml` there', 0],
    '"``sh run" has two marks and would be shown as text. A fence has three: ```sh run',
  ],
  [
    'HTML that the page leaves out',
    'en.md',
    'In `sleep.yaml` there',
    '<iframe src="https://example.com"></iframe>\n\nThere',
    ['In `sleep.yaml` there', 0],
    '"<iframe" is left out of the page. Remove it, or write it in Markdown.',
  ],
  [
    'HTML with a script in an attribute',
    'en.md',
    'In `sleep.yaml` there',
    'In <b onclick="alert(1)">the file</b> there',
    ['In `sleep.yaml` there', 0],
    '"onclick=" is left out of the page. Remove it, or write it in Markdown.',
  ],
  [
    'an image of an unknown kind',
    'en.md',
    'images/shop.svg',
    'images/shop.pdf',
    ['images/shop.svg', 0],
    'the image "images/shop.pdf" is of no kind that is served. Use images/NAME.svg, .png, .jpg, .gif or .webp.',
  ],
  [
    'a title that is a number',
    'lesson.yaml',
    'es: TLS mutuo en toda la malla',
    'es: 2',
    ['es: TLS mutuo', 0],
    '"title" in "es" must be a text and is 2. Put quotes around it.',
  ],
  [
    'minutes left empty',
    'lesson.yaml',
    'minutes: 15',
    'minutes:',
    ['minutes:', 0],
    '"minutes" is empty. Write a whole number from 1 to 480.',
  ],
  [
    'a title without its languages',
    'lesson.yaml',
    'title:\n  en: Mutual TLS across the mesh\n  es: TLS mutuo en toda la malla\n',
    'title: Mutual TLS\n',
    ['title:', 0],
    '"title" must be a map of fields, "name: value" on each line, and is "Mutual TLS".',
  ],
  [
    'a setup file twice',
    'lesson.yaml',
    '- shop.yaml\n',
    '- shop.yaml\n  - shop.yaml\n',
    ['- shop.yaml', 1],
    'setup: "shop.yaml" stands here twice. Remove one.',
  ],
  [
    'a setup file with its folder',
    'lesson.yaml',
    '- shop.yaml',
    '- setup/shop.yaml',
    ['- shop.yaml', 0],
    'setup: there is no file "setup/setup/shop.yaml". Did you mean "shop.yaml"?',
  ],
  [
    'a tab in YAML',
    'lesson.yaml',
    '  en: Mutual TLS',
    '\ten: Mutual TLS',
    ['  en: Mutual TLS', 0],
    'lesson.yaml is not YAML at "en: Mutual TLS across the mesh": it begins with a tab. Indent with blanks.',
  ],
  [
    'YAML without a blank behind the colon',
    'lesson.yaml',
    'minutes: 15',
    'minutes:15',
    ['minutes:', 0],
    'lesson.yaml is not YAML at "minutes:15": this is no "name: value". Write the name, a colon and a blank; or indent it below what it belongs to.',
  ],
  [
    'YAML indented by halves',
    'lesson.yaml',
    '  es: TLS mutuo',
    '   es: TLS mutuo',
    ['  en: Mutual TLS', 0],
    'lesson.yaml is not YAML at "en: Mutual TLS across the mesh": what follows is indented deeper than it. Begin all fields of a map in the same column.',
  ],
  [
    'a quote left open',
    'lesson.yaml',
    'en: Mutual TLS',
    'en: "Mutual TLS',
    ['en: Mutual TLS', 0],
    'lesson.yaml is not YAML at "en: "Mutual TLS across the mesh": a quote is opened and never closed. Close it.',
  ],
  [
    'an action misspelt',
    'en.md',
    CREATE,
    CREATE.replace('run', 'rnu'),
    [CREATE, 0],
    'unknown action "rnu" behind "sh". Use run. Did you mean "run"?',
  ],
  [
    'an option misspelt',
    'en.md',
    CREATE,
    CREATE.replace('run', 'run tiemout=3s'),
    [CREATE, 0],
    'unknown option "tiemout=3s" of run. Use terminal=2, interrupt or timeout=30s. Did you mean "timeout"?',
  ],
  [
    'a duration that is none',
    'en.md',
    CREATE,
    CREATE.replace('run', 'run timeout=3h'),
    [CREATE, 0],
    '"timeout=3h" is not a duration. Write a number with ms, s or m, at most 10m, such as 30s.',
  ],
  [
    'a tenth terminal',
    'en.md',
    CREATE,
    CREATE.replace('run', 'run terminal=10'),
    [CREATE, 0],
    '"terminal=10": there are terminals 1 to 9. Write one of these numbers.',
  ],
  [
    'an option without its value',
    'en.md',
    CREATE,
    CREATE.replace('run', 'run timeout'),
    [CREATE, 0],
    '"timeout" needs a value. Write terminal=2 or timeout=30s.',
  ],
  [
    'another language that runs',
    'en.md',
    CREATE,
    CREATE.replace('sh', 'yaml'),
    [CREATE, 0],
    '"yaml run": only a shell can run a block. Write ```sh run.',
  ],
  [
    'an action without language',
    'es.md',
    CREATE,
    CREATE.replace('sh ', ''),
    [CREATE, 0],
    'an action needs its language first. Write ```sh run.',
  ],
  [
    'a fence misspelt',
    'en.md',
    CREATED,
    CREATED.replace('output', 'outptu'),
    [CREATED, 0],
    'unknown action "outptu". Use sh run, output, check or hint. Did you mean "output"?',
  ],
  [
    'half an option',
    'en.md',
    CREATED,
    CREATED.replace('output', 'output any'),
    [CREATED, 0],
    'unknown option "any" of output. Use exit=56, any order or not. Did you mean "any order"?',
  ],
  [
    'an exit status that is none',
    'en.md',
    'output exit=56',
    'output exit=256',
    ['output exit=56', 0],
    '"exit=256" is not an exit status. Write exit= with a number from 0 to 255.',
  ],
  [
    'an output away from its command',
    'en.md',
    `\n${CREATED}`,
    `\nThis is printed:\n\n${CREATED}`,
    [CREATED, 2],
    'an output fence without its command. Put it directly below a ```sh run fence.',
  ],
  [
    'a hole misspelt',
    'en.md',
    'sleep-<rs>-<id>   1/1     Running   0          <age>',
    'sleep-<rs>-<id> 1/1 Running 0 <aeg>',
    ['sleep-<rs>', 0],
    '"<aeg>" is not a hole. Did you mean "<age>"? If the output really has it, write "\\<aeg>".',
  ],
  [
    'a broken expression',
    'en.md',
    'namespace/noistio created',
    're2: namespace/(noistio',
    ['namespace/noistio created', 0],
    '"namespace/(noistio" is not an RE2 expression: error parsing regexp: missing closing ): `namespace/(noistio`. Look-around and back-references do not exist there.',
  ],
  [
    'an empty command',
    'en.md',
    CREATE,
    '```sh run',
    [CREATE, 0],
    'the run fence is empty. Write something into it or remove it.',
  ],
  [
    'a fence that is never closed',
    'es.md',
    'y `frontend` en `hipstershopv1v2`."\n```',
    'y `frontend` en `hipstershopv1v2`."',
    ['```check exception-is-narrow', 0],
    'the fence is never closed. Close it with as many marks as it was opened with.',
  ],
  [
    'a fence that is closed by the next one',
    'en.md',
    'namespace noistio\n```',
    'namespace noistio\n',
    [CREATE, 0],
    'the fence is not closed before another begins on line «```output». Close it with as many marks as it was opened with.',
  ],
  [
    'a check without name',
    'en.md',
    STRICT_CHECK,
    '```check',
    [STRICT_CHECK, 0],
    'a check needs a name. Write ```check NAME.',
  ],
  [
    'a check of the same name',
    'en.md',
    '```check no-sidecar',
    '```check client-ready',
    ['```check no-sidecar', 0],
    'a second check "client-ready"; the first is on line «```check client-ready». Give it another name.',
  ],
  [
    'a field of a check misspelt',
    'en.md',
    'has:\n  spec.mtls.mode: STRICT',
    'hsa:\n  spec.mtls.mode: STRICT',
    ['has:\n  spec.mtls.mode: STRICT', 0],
    'unknown field "hsa" in check "mesh-strict". Use goal, object, has, absent, within, hints. Did you mean "has"?',
  ],
  [
    'broken YAML in a check',
    'en.md',
    'spec.mtls.mode: STRICT\n',
    'spec.mtls.mode: STRICT: 1\n',
    ['spec.mtls.mode: STRICT\nhints', 0],
    'check "mesh-strict" is not YAML at "spec.mtls.mode: STRICT: 1": its value has a colon and a blank in it. Put quotes around the value.',
  ],
  [
    'an object that is none',
    'en.md',
    'object: PeerAuthentication default -n istio-system',
    'object: PeerAuthentication',
    ['object: PeerAuthentication default', 0],
    '"object" is PeerAuthentication. Write kind, name and namespace: PeerAuthentication default -n istio-system.',
  ],
  [
    'a path that is none',
    'en.md',
    'spec.mtls.mode: STRICT\n',
    'spec..mode: STRICT\n',
    ['spec.mtls.mode: STRICT', 0],
    '"spec..mode" is not the path of a field. Write it as spec.containers[0].name.',
  ],
  [
    'a goal without words',
    'en.md',
    'goal: A policy demands mutual TLS of the whole mesh.',
    'goal: 1',
    ['goal: A policy demands mutual TLS of the whole mesh.', 0],
    '"goal" is 1. Write what must be true, as a sentence, in quotes if need be.',
  ],
  [
    'a wait that is no duration',
    'en.md',
    'within: 60s',
    'within: 60',
    ['within: 60s', 0],
    '"within" is 60. Write a number with ms, s or m, at most 10m, such as 30s.',
  ],
  [
    'a hint for no clause',
    'en.md',
    'hints:\n  missing: The',
    'hints:\n  mising: The',
    ['  missing: The', 0],
    'no clause "mising" can fail here. Hints are for missing, status.readyReplicas. Did you mean "missing"?',
  ],
  [
    'an alias',
    'en.md',
    'spec.mtls.mode: STRICT\n',
    'spec.mtls.mode: &a STRICT\n  b: *a\n',
    ['spec.mtls.mode: STRICT', 1],
    'check "mesh-strict" uses the alias "*a". Write the value out instead.',
  ],
  [
    'a block before the first step',
    'en.md',
    '![A pod',
    '```hint\na\n```\n\n![A pod',
    ['![A pod', 0],
    'a hint fence before the first step. Move it below a "##" heading.',
  ],
  [
    'a fence inside HTML',
    'en.md',
    CREATED,
    `<div>\n${CREATED}`,
    [CREATED, 1],
    '"```output" is inside HTML and would be shown as text. Leave an empty line before it.',
  ],
  [
    'a fence indented into a text',
    'en.md',
    'Watch it start.',
    '      ```sh run\n      ls\n\nWatch it start.',
    ['Watch it start.', 0],
    '"```sh run" is indented so far that it is shown as text. Indent it as its paragraph is.',
  ],
  [
    'an image that is not there',
    'en.md',
    'images/shop.svg',
    'images/shpo.svg',
    ['images/shop.svg', 0],
    'image: there is no file "images/shpo.svg". Did you mean "shop.svg"?',
  ],
  [
    'an image from elsewhere',
    'en.md',
    'images/shop.svg',
    'https://example.com/a.svg',
    ['images/shop.svg', 0],
    'the image "https://example.com/a.svg" is not in images/. Copy it there and write images/NAME.',
  ],
  [
    'an image without description',
    'es.md',
    '![Un pod llamado sleep, en el espacio de nombres noistio, llama a frontend por HTTP sin cifrar; frontend y adservice, en hipstershopv1v2, cada uno con su istio-proxy, hablan entre sí por mTLS]',
    '![]',
    ['![Un pod', 0],
    'the image "images/shop.svg" has no description. Write ![what it shows](images/shop.svg).',
  ],
  [
    'a link that runs a script',
    'en.md',
    'In `sleep.yaml` there',
    '[In](javascript:alert(1)) there',
    ['In `sleep.yaml` there', 0],
    'the link "javascript:alert(1)" leads nowhere in the page. Write an address that begins with https://.',
  ],
  [
    'another title',
    'en.md',
    '# Mutual TLS across the mesh',
    '# Mutual TLS',
    ['# Mutual', 0],
    'the title is "Mutual TLS", in lesson.yaml "Mutual TLS across the mesh". Make both the same.',
  ],
  [
    'a second title',
    'en.md',
    '## The door is open',
    '# The door is open',
    ['## The door', 0],
    '"# The door is open" is a second title. Begin a step with "##", a part of a step with "###".',
  ],
  [
    'an unknown field',
    'lesson.yaml',
    'minutes:',
    'minute:',
    ['minutes:', 0],
    'unknown field "minute" in lesson.yaml. Use title, summary, minutes, level, environment, istio, openshift, tools, setup, images, next. Did you mean "minutes"?',
  ],
  [
    'a missing language',
    'lesson.yaml',
    '  es: TLS mutuo en toda la malla\n',
    '',
    ['title:', 0],
    '"title" has no "es". Add "es: …" below it.',
  ],
  [
    'minutes that are none',
    'lesson.yaml',
    'minutes: 15',
    'minutes: quarter',
    ['minutes:', 0],
    '"minutes" is "quarter". Write a whole number from 1 to 480.',
  ],
  [
    'an unknown level',
    'lesson.yaml',
    'beginner',
    'begginer',
    ['level:', 0],
    'unknown level "begginer". Use beginner, intermediate, advanced. Did you mean "beginner"?',
  ],
  [
    'an unknown environment',
    'lesson.yaml',
    'embedded',
    'cloud',
    ['environment:', 0],
    'unknown environment "cloud". Use embedded, or kubeconfig for a cluster of your own; embedded may be left out.',
  ],
  [
    'an unknown Istio',
    'lesson.yaml',
    'environment: embedded',
    'istio: 1.4',
    ['environment:', 0],
    `unknown Istio 1.4. Use one of '1.0', '1.1', '1.4', '1.6', current. Put quotes around it.`,
  ],
  [
    'an OpenShift that is neither true nor false',
    'lesson.yaml',
    'environment: embedded',
    'openshift: "yes"',
    ['environment:', 0],
    '"openshift" is "yes". Use true or false.',
  ],
  [
    'a next lesson that is this one',
    'lesson.yaml',
    'id: authorization',
    'id: mesh-wide-mtls',
    ['id: authorization', 0],
    '"next" leads to this lesson itself, "mesh-wide-mtls". Name the one after it.',
  ],
  [
    'a setup file that is not there',
    'lesson.yaml',
    'shop.yaml',
    'shpo.yaml',
    ['setup:', 1],
    'setup: there is no file "setup/shpo.yaml". Did you mean "shop.yaml"?',
  ],
  [
    'a setup file outside',
    'lesson.yaml',
    'shop.yaml',
    '../en.md',
    ['setup:', 1],
    'setup: "setup/../en.md" lies outside of its folder. Copy the file into the lesson.',
  ],
  [
    'a command altered in the translation',
    'es.md',
    'kubectl create namespace noistio',
    'kubectl create namespace sinistio',
    [CREATE, 0],
    'the command has "kubectl create namespace sinistio" where it has "kubectl create namespace noistio" at en.md:«```sh run». Make both the same.',
  ],
  [
    'a line of a manifest altered',
    'es.md',
    'mode: STRICT\nEOF',
    'mode: ESTRICTO\nEOF',
    ['```sh run\nkubectl apply -f - <<EOF', 0],
    'the command has "    mode: ESTRICTO" where it has "    mode: STRICT" at en.md:«```sh run⏎kubectl apply -f -». Make both the same.',
  ],
  [
    'an output translated',
    'es.md',
    'namespace/noistio created',
    'namespace/noistio creado',
    [CREATED, 0],
    'the output has "namespace/noistio creado" where it has "namespace/noistio created" at en.md:«```output». Make both the same.',
  ],
  [
    'a check altered in the translation',
    'es.md',
    'within: 60s',
    'within: 50s',
    ['```check client-ready', 0],
    'the check "client-ready" has not the same options, conditions or hint clauses as at en.md:«```check client-ready». Make both the same.',
  ],
  [
    'a hint of a check lost in the translation',
    'es.md',
    '  missing: En el espacio de nombres `noistio` no hay ningún Deployment `sleep`. Aplica `sleep.yaml` con `-n noistio`; si no, el pod acaba en `default`.\n',
    '',
    ['```check client-ready', 0],
    'the check "client-ready" has not the same options, conditions or hint clauses as at en.md:«```check client-ready». Make both the same.',
  ],
  [
    'an option lost in the translation',
    'es.md',
    'sh run interrupt',
    'sh run',
    ['sh run interrupt', 0],
    'the command "kubectl get pods -n hipstershopv1v2" has not the same options, conditions or hint clauses as at en.md:«```sh run interrupt». Make both the same.',
  ],
  [
    'an output lost in the translation',
    'es.md',
    `${CREATED}\n\`\`\`\n`,
    '',
    [CREATE, 0],
    'here is no output "namespace/noistio created"; en.md:«```output» has it. Add it below.',
  ],
  [
    'a command added in the translation',
    'es.md',
    CREATE,
    `\`\`\`sh run\nkubectl version\n\`\`\`\n\n${CREATE}`,
    [CREATE, 0],
    'command "kubectl version" is not in en.md:«## A stranger» or below. Add it there or remove it here.',
  ],
];

const PROOFS: [what: string, before: string, after: string, message: string][] = [
  [
    'of a check that is not there',
    'client-ready:\n',
    'client-redy:\n',
    '1: the lesson has no check "client-redy". Its checks: client-ready, no-sidecar, plaintext-accepted, mesh-strict, plaintext-refused, frontend-permissive, frontend-open, exception-is-narrow. Did you mean "client-ready"?',
  ],
  [
    'with a field misspelt',
    '  also:',
    '  allso:',
    '2: unknown field "allso" in the proof of "client-ready". Use already, also, mistakes, free. Did you mean "also"?',
  ],
  [
    'that is none',
    'no-sidecar:\n',
    'no-sidecar:\n  also: 1\n',
    '24: "also" must be a list, "- …" on each line, and is 1.',
  ],
  [
    'with an empty way',
    '  also:\n',
    '  also:\n    - ""\n',
    '3: "also" is "". Write a command, or several lines of them below "|".',
  ],
  [
    'with a reason for what is not so',
    '  also:\n',
    '  already: It was there.\n  also:\n',
    '3: a check that holds "already" proves no way to get there. Remove "also" or "already".',
  ],
  [
    'without a reason',
    '  also:\n',
    '  free: { spec.replicas: 2 }\n  also:\n',
    '2: "spec.replicas" is 2. Write the reason: one sentence, in quotes if need be.',
  ],
  [
    'with a path that is none',
    '  also:\n',
    '  free: { spec..replicas: Any. }\n  also:\n',
    '2: "spec..replicas" is not the path of a field. Write it as spec.containers[0].name.',
  ],
  [
    'with a mistake that nobody makes',
    '  mistakes:\n',
    '  mistakes:\n    - hint: missing\n',
    '14: a mistake needs its command. Add "do:", or "then:" when it comes after the right commands.',
  ],
  [
    'with a mistake of both kinds',
    '  mistakes:\n',
    '  mistakes:\n    - { do: a, then: b, hint: missing }\n',
    '14: a mistake has "do", in place of the right commands, or "then", after them. Keep one.',
  ],
  [
    'with a mistake that raises nothing',
    '  mistakes:\n',
    '  mistakes:\n    - do: "true"\n',
    '14: a mistake needs the clause whose hint it raises. Add "hint:" with missing, status.readyReplicas.',
  ],
  [
    'with a hint that is not there',
    'hint: missing',
    'hint: mising',
    '17: the check has no hint for "mising". It has hints for missing, status.readyReplicas. Did you mean "missing"?',
  ],
];

test.each(PROOFS)('a proof %s is one problem with file and line', async (_, before, after, message) => {
  await copy.edit('proof.yaml', before, after);

  expect(await copy.problems()).toEqual([`proof.yaml:${message}`]);
});

test('a proof is no part of the lesson, and its file cannot be misspelt', async () => {
  await rename(join(copy.folder, 'proof.yaml'), join(copy.folder, 'proofs.yaml'));
  expect(await copy.problems()).toEqual(['proofs.yaml:1: "proofs.yaml" is not read. Name it "proof.yaml".']);

  await rm(join(copy.folder, 'proofs.yaml'));
  expect(await copy.problems()).toEqual([]);
});

/** `«text»` in a message is the line of that text in en.md. */
async function fillInLines(message: string): Promise<string> {
  const text = /«([^»]+)»/.exec(message)?.[1];
  return text === undefined
    ? message
    : message.replace(`«${text}»`, String(await lineOf('en.md', text.replace('⏎', '\n'))));
}

test.each(BREAKAGES)('%s is one problem with file and line', async (_, file, before, after, [text, plus], message) => {
  const line = (await lineOf(file, text)) + plus;
  await copy.edit(file, before, after);

  const problems = await copy.problems();

  expect(problems).toEqual([`${file}:${line}: ${await fillInLines(message)}`]);
});

test('a missing text is one problem', async () => {
  await rm(join(copy.folder, 'es.md'));

  expect(await copy.problems()).toEqual([
    'es.md:1: there is no file "es.md". Add it: a lesson has lesson.yaml, en.md, es.md.',
  ]);
});

test('lesson.yml is recognised as a slip', async () => {
  await rename(join(copy.folder, 'lesson.yaml'), join(copy.folder, 'lesson.yml'));

  expect(await copy.problems()).toEqual(['lesson.yaml:1: there is no file "lesson.yaml". Did you mean "lesson.yml"?']);
});

test('what lies beside the lesson and would be overlooked is named', async () => {
  await rename(join(copy.folder, 'files'), join(copy.folder, 'file'));
  await writeFile(join(copy.folder, 'urls'), '');
  await writeFile(join(copy.folder, 'fr.md'), '# TLS');
  await writeFile(join(copy.folder, 'setup/more.yaml'), '');

  expect(await copy.problems()).toEqual([
    'file:1: the folder "file" is not read. Name it "files".',
    'fr.md:1: "fr.md" is not read: lessons are in en and es. Rename or remove it.',
    'setup/more.yaml:1: nothing applies "more.yaml". Add it to "setup" in lesson.yaml, or move it to files/.',
    'urls:1: "urls" must be a folder and is a file. Rename it.',
  ]);
});

test('a text without steps is one problem, whatever the other language has', async () => {
  await writeFile(join(copy.folder, 'en.md'), '# Mutual TLS across the mesh\n');
  await rm(join(copy.folder, 'proof.yaml'));

  expect(await copy.problems()).toEqual(['en.md:1: there is no step. Begin each step with a "## Title" heading.']);
});

test('a lost step is named with the ends of both files', async () => {
  await copy.edit('es.md', '## La puerta está abierta', '### La puerta está abierta');

  const problems = await copy.problems();

  expect(problems[0]).toMatch(/^es\.md:\d+: 4 steps end here, 5 at en\.md:\d+\. Give both the same "##" headings\.$/);
});

test('a symlink that leads out, a pipe and a file in another encoding are refused', async () => {
  await rm(join(copy.folder, 'en.md'));
  await symlink('/etc/passwd', join(copy.folder, 'en.md'));
  await rm(join(copy.folder, 'es.md'));
  execFileSync('mkfifo', [join(copy.folder, 'es.md')]);
  await rm(join(copy.folder, 'setup/shop.yaml'));
  await symlink('/dev/zero', join(copy.folder, 'setup/shop.yaml'));

  expect(await copy.problems()).toEqual([
    'en.md:1: "en.md" lies outside of its folder. Copy the file into the lesson.',
    'es.md:1: "es.md" is not a regular file. Put one there.',
    'lesson.yaml:11: setup: "setup/shop.yaml" lies outside of its folder. Copy the file into the lesson.',
  ]);
});

test('what a home cannot be made of is a problem', async () => {
  execFileSync('mkfifo', [join(copy.folder, 'files/pipe')]);
  await symlink('..', join(copy.folder, 'files/up'));
  await mkdir(join(copy.folder, 'files/.kube'));
  await writeFile(join(copy.folder, 'files/.kube/config'), '');
  await writeFile(join(copy.folder, 'files/large'), '');
  await truncate(join(copy.folder, 'files/large'), 33 * 1024 * 1024);

  expect(await copy.problems()).toEqual([
    'files:1: files/ has 33 MiB, and is copied for every learner. Leave it below 32 MiB.',
    'files/.kube/config:1: ".kube/config" would replace the learner\'s own, which leads to the cluster. Remove it.',
    'files/pipe:1: "files/pipe" is neither a file nor a folder. Remove it.',
  ]);
});

test('texts that are no UTF-8, too large or nested without end are refused quickly', async () => {
  const time = startCpuTime();
  await writeFile(join(copy.folder, 'en.md'), Buffer.from([0x23, 0x20, 0xff, 0xfe]));
  expect(await copy.problems()).toEqual(['en.md:1: "en.md" is not UTF-8. Save it in that encoding.']);

  await writeFile(join(copy.folder, 'en.md'), '#'.repeat(256 * 1024 + 1));
  expect(await copy.problems()).toEqual(['en.md:1: "en.md" has more than 262144 bytes. Make it smaller.']);

  await writeFile(join(copy.folder, 'en.md'), `# Mutual TLS across the mesh\n\n${'>'.repeat(50_000)} a\n`);
  expect((await copy.problems())[0]).toContain('en.md:1: the text nests lists or quotes too deeply to be read.');

  await writeFile(join(copy.folder, 'en.md'), '# Mutual TLS across the mesh\n');
  for (const bomb of ['['.repeat(20_000), '{a: '.repeat(5_000), '- '.repeat(5_000), `a: ${'x'.repeat(70_000)}`]) {
    await writeFile(join(copy.folder, 'lesson.yaml'), bomb);
    expect((await copy.problems()).filter((problem) => problem.startsWith('lesson.yaml:1:'))).toHaveLength(1);
  }
  expect(time()).toBeLessThan(5_000);
});

test('an alias bomb is refused before it is expanded', async () => {
  const levels = Array.from({ length: 30 }, (_, index) => `a${index}: &a${index} [*a${index - 1}, *a${index - 1}]`);
  await writeFile(join(copy.folder, 'lesson.yaml'), ['x: &a-1 1', ...levels].join('\n'));

  expect(await copy.problems()).toEqual([
    'lesson.yaml:2: lesson.yaml uses the alias "*a-1". Write the value out instead.',
  ]);
});
