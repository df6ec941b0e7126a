import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createTriedLoader } from '../../../server/session/load-tried-lessons.ts';
import { createTempLesson } from './temp-lesson.ts';

let lesson: Awaited<ReturnType<typeof createTempLesson>>;
afterEach(() => lesson.dispose());

const SOUND = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';

const POD =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: web\n      image: nginx\n';
const edited = (before: string, after: string) => POD.replace(before, after);

test.each([
  [
    'with a bracket left open',
    edited('{ name: web }', '{ name: web'),
    '3: this is not YAML in column 11 of "metadata: { name: web": a "{" or "[" is not closed. Close it, and indent its lines deeper than the field.',
  ],
  [
    'with a quote left open',
    edited('nginx', '"nginx'),
    '7: this is not YAML in column 14 of "image: "nginx": a quote is opened and never closed. Close it.',
  ],
  [
    'with a bracket too many',
    edited('web }', 'web }}'),
    '3: this is not YAML in column 24 of "metadata: { name: web }}": a "}" or "]" closes what is not open. Remove it.',
  ],
  [
    'without a comma',
    edited('web }', 'web namespace: shop }'),
    '3: this is not YAML in column 19 of "metadata: { name: web namespace: shop }": between "{" and "}" or "[" and "]" a comma is missing, or quotes around a text with a colon. Add them.',
  ],
  [
    'that stand too far left',
    edited('      image', '     image'),
    '7: this is not YAML in column 1 of "image: nginx": it stands further left than its neighbours. Begin all fields of a map in the same column.',
  ],
  [
    'with an alias of nothing',
    edited('nginx', '*nginx'),
    '7: "*nginx" stands for what "&nginx" marks, which is nowhere above. If it is a text, put quotes around it.',
  ],
  [
    'that are a template',
    edited('nginx', '{{ image }}'),
    '7: the name of a field is a map or a list. If this is "{{ … }}", put quotes around it; templates are not filled in.',
  ],
  [
    'that are none',
    'hello\n',
    '1: this is no manifest: it must be a map with apiVersion, kind and metadata. Write these fields.',
  ],
  ['without metadata', 'apiVersion: v1\nkind: Namespace\n', '1: the manifest has no "metadata". Add "metadata:".'],
  [
    'with a field misspelt at the top',
    edited('apiVersion', 'apiversion'),
    '1: unknown field "apiversion" in a manifest. Did you mean "apiVersion"?',
  ],
  ['whose name is a number', edited('web }', '5 }'), '3: "metadata.name" is 5, not a text. Put quotes around it.'],
  [
    'without a name',
    edited('name: web }', 'generateName: web- }'),
    '3: the Pod has no "metadata.name". What has a "generateName" cannot be applied. Add it.',
  ],
  [
    'of an unknown kind',
    `${SOUND}---\n${edited('Pod', 'Pdo')}`,
    '6: the lesson\'s cluster has no kind "Pdo" in "v1". Did you mean "Pod"?',
  ],
  [
    'of a kind in another group',
    edited('v1', 'apps/v1'),
    '1: the lesson\'s cluster has no kind "Pod" in "apps/v1". Pod belongs to no group: write apiVersion: v1; "kubectl explain pod" names its version.',
  ],
  [
    'with a field misspelt',
    edited('image', 'imgae'),
    '7: a Pod has no field "spec.containers[0].imgae". Mend its name, or indent it below the field that it belongs to.',
  ],
  [
    'with a number for a text',
    edited('image: nginx', 'env: [{ name: A, value: 1 }]\n      image: nginx'),
    '7: "spec.containers.env.value" of the Pod "web" must be a text and is a number. Put quotes around it.',
  ],
  [
    'in a namespace that is not there',
    `${SOUND}---\n${edited('web }', 'web, namespace: shpo }')}`,
    '7: the Pod "web" goes into the namespace "shpo", which is not there. Did you mean "shop"?',
  ],
  [
    'that the cluster refuses',
    edited('image: nginx', 'image: nginx\n      imagePullPolicy: never'),
    '8: the cluster refuses the Pod "web": spec.containers[0].imagePullPolicy: Unsupported value: "never": supported values: "Always", "IfNotPresent", "Never". Mend it.',
  ],
])('a lesson with manifests %s is a problem with file and line until they are mended', async (_, text, message) => {
  lesson = await createTempLesson('## A\n', { 'setup/shop.yaml': text }, 'setup: [shop.yaml]\n');
  const load = createTriedLoader();

  const broken = await load(lesson.directory);
  await writeFile(join(lesson.directory, 'setup/shop.yaml'), SOUND);
  const mended = await load(lesson.directory);

  expect(broken.lessons).toEqual([]);
  expect(broken.problems.map(({ line, message: what }) => `${line}: ${what}`)).toEqual([message]);
  expect(broken.problems[0]?.file).toBe(join(lesson.directory, 'setup/shop.yaml'));
  expect(mended.problems).toEqual([]);
  expect(mended.lessons).toHaveLength(1);
});

test('a list, as kubectl prints it, is as many manifests', async () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- ${SOUND.trimEnd().replaceAll('\n', '\n  ')}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: { name: cart, namespace: shpo }\n`;
  lesson = await createTempLesson('## A\n', { 'setup/shop.yaml': list }, 'setup: [shop.yaml]\n');

  const { problems } = await createTriedLoader()(lesson.directory);

  expect(problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    '9: the ConfigMap "cart" goes into the namespace "shpo", which is not there. Did you mean "shop"?',
  ]);
});
