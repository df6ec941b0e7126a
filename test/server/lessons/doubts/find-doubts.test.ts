import { basename } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createTriedLoader } from '../../../../server/session/load-tried-lessons.ts';
import { createTempLesson } from '../../session/temp-lesson.ts';
import { LESSONS } from '../lesson-copy.ts';

let dispose: () => Promise<void> = async () => {};
afterEach(async () => {
  await dispose();
  dispose = async () => {};
});

const WEB =
  'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: default }\nspec: { ports: [{ port: 80 }] }\n';

/** As `line: message`, of a lesson that is taken all the same. Its text begins on line 3. */
async function doubts(text: string, files: Record<string, string> = {}, config = ''): Promise<string[]> {
  const lesson = await createTempLesson(
    `## A\n\n${text}\n`,
    { 'files/web.yaml': WEB, 'files/all/a.yaml': WEB, ...files },
    config,
  );
  dispose = lesson.dispose;
  const { lessons, problems } = await createTriedLoader()(lesson.directory);
  expect(lessons).toHaveLength(1);
  return problems.map(({ file, line, message }) => `${basename(file)}:${line}: ${message}`);
}

const run = (command: string, rest = '') => `\`\`\`sh run\n${command}\n\`\`\`\n${rest}`;
const check = (text: string) => `\`\`\`check a\n${text}\n\`\`\`\n`;

test.each([
  [
    'a single quote left open',
    run("ls\necho 'it"),
    `5: "echo 'it": a single quote, ', is opened and never closed. Close it.`,
  ],
  ['a double quote left open', run('echo "it'), `4: "echo "it": a double quote is opened and never closed. Close it.`],
  [
    'a here-document left open',
    run('ls\ncat <<EOF\na\nEOf'),
    '5: "cat <<EOF": the text behind "<<EOF" has no end. Write EOF alone on a line where it ends.',
  ],
  [
    'a loop left open',
    run('for a in b; do\nls'),
    '5: "ls": it ends too early. Close what is open: if … fi, for … done, case … esac, { … } or ( … ).',
  ],
  ['a substitution left open', run('echo $(date'), '4: "echo $(date": a ")" is missing. Add it.'],
  [
    'a bracket too many',
    run('echo a )'),
    '4: "echo a )": bash does not expect ")" here. Remove it, or put quotes around it.',
  ],
  ['a program misspelt', run('ls |\n  grpe a'), '5: there is no program "grpe". Did you mean "grep"?'],
  ['a tool misspelt', run('A=1 kubetcl get pods'), '4: there is no program "kubetcl". Did you mean "kubectl"?'],
  [
    'a program in a substitution',
    run('echo $(kubctl get pods)'),
    '4: there is no program "kubctl". Did you mean "kubectl"?',
  ],
  [
    'a manifest misspelt',
    run('kubectl apply -n default -f wbe.yaml'),
    `4: the learner's home has no "wbe.yaml". Did you mean "web.yaml"?`,
  ],
  [
    'one of several manifests',
    run('oc apply -f web.yaml,all/b.yaml'),
    `4: the learner's home has no "all/b.yaml". Did you mean "all/a.yaml"?`,
  ],
  [
    'a manifest that is not there',
    run('kubectl create --filename=shop.yaml'),
    `4: the learner's home has no "shop.yaml". Add it as files/shop.yaml.`,
  ],
  ['a file that is shown', run('cat ./web.yml'), `4: the learner's home has no "./web.yml". Did you mean "web.yaml"?`],
  [
    'an address',
    run('kubectl apply -f https://example.com/a.yaml'),
    '4: the lesson does not bring "https://example.com/a.yaml" along, and its cluster has no other way to the web. Add urls/example.com/a.yaml.',
  ],
  [
    'a kind misspelt',
    check('object: Servise web'),
    `3: check "a" looks for a Servise, and the lesson's cluster has no such kind. Did you mean "Service"?`,
  ],
  [
    'a kind of another time',
    check('object: MeshPolicy default'),
    `3: check "a" looks for a MeshPolicy, and the lesson's cluster has no such kind. Take one that "kubectl api-resources" lists.`,
  ],
  [
    'an object misspelt',
    run('kubectl create namespace shop') + check('object: Namespace shpo'),
    '6: check "a" names an object "shpo", which nothing in the lesson makes. Did you mean "shop"?',
  ],
  [
    'a namespace misspelt',
    check('object: Pod web -n defualt'),
    '3: check "a" names the namespace "defualt", which nothing in the lesson makes. Did you mean "default"?',
  ],
  [
    'a namespace in a command of a check',
    check('run: kubectl get pods -n kube-sytem'),
    '3: check "a" names the namespace "kube-sytem", which nothing in the lesson makes. Did you mean "kube-system"?',
  ],
])('%s is told, and the lesson is taken', async (_, text, message) => {
  expect(await doubts(text)).toEqual([`en.md:${message}`]);
});

test('images that nobody has are told, also those of files', async () => {
  const pod = `kind: Pod\nspec: { containers: [{ image: ngnix }] }\n---\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: "shop/cart:v1" # ours\n    - image: nginx:1.27\n    - image: $(IMAGE)\n`;
  const text = run('kubectl run a --image=ngnix\nkubectl run b --image nginx --image shop/crat');

  const told = await doubts(text, { 'files/pod.yaml': pod }, 'images: [{ image: shop/cart }]\n');
  await dispose();
  const aboutIt = await doubts(`It ends in \`ErrImagePull\`.\n\n${text}`);

  expect(told).toEqual([
    'en.md:4: nobody has the image "ngnix", so that its pods end in ErrImagePull. Did you mean "nginx"?',
    'en.md:5: nobody has the image "shop/crat", so that its pods end in ErrImagePull. Did you mean "shop/cart"?',
    'pod.yaml:2: nobody has the image "ngnix", so that its pods end in ErrImagePull. Did you mean "nginx"?',
  ]);
  expect(aboutIt).toEqual([]);
});

test('other right ways are looked through as well, mistakes are not', async () => {
  const proof = `a:
  also:
    - kubectl create -f 'web.yaml
    - |
      kubectl create namespace shop
      kubetcl create -f wbe.yaml
  mistakes:
    - { do: kubetcl apply -f wbe.yaml, hint: missing }
`;

  expect(await doubts(check('object: Service web\nhints: { missing: No. }'), { 'proof.yaml': proof })).toEqual([
    `proof.yaml:3: "kubectl create -f 'web.yaml": a single quote, ', is opened and never closed. Close it.`,
    'proof.yaml:4: there is no program "kubetcl". Did you mean "kubectl"?',
  ]);
});

test('nothing is said of what commands may have made', async () => {
  const text = run(
    [
      "greet() { echo it\\'s; }; alias k=kubectl",
      'greet; k get pods; ./own.sh; $HOME/own; "$EDITOR" a',
      'case $a in b) ls;; c|d) ls;; esac',
      'names=(a b\n c)',
      "sed 's/a/b/' web.yaml > made.yaml && kubectl apply -f made.yaml -f all -f - < web.yaml",
      'cp web.yaml copy.yaml; cat copy.yaml; mkdir sub && mv copy.yaml sub; kubectl apply -f sub/copy.yaml',
      'cd all && kubectl apply -f a.yaml; kubectl logs -f wbe.yaml; kubectl apply -f ~/x.yaml -f /etc/x.yaml -f $x.yaml',
      'for n in 1 2; do kubectl create namespace shop-$n; done',
      'kubectl exec web -- cat /a.yaml b.yaml | tee list.json; cat list.json',
      'curl -O http://web/some.yaml; cat some.yaml',
    ].join('\n'),
    `\n${run('kubetcl apply -f wbe.yaml', '```output exit=127\n<*>\n```\n')}\n`,
  );
  const checks = [
    'object: Namespace shop-1',
    'object: Pod web-6b7c9d-x2k4z',
    'object: ConfigMap kube-root-ca.crt -n shop-2',
  ];

  expect(
    await doubts(text + checks.map((one, index) => check(one).replace('check a', `check a${index}`)).join('\n')),
  ).toEqual([]);
});

test('a kind that the lesson defines is none of ours to know', async () => {
  const crd = 'kind: CustomResourceDefinition\n';

  expect(await doubts(check('object: Servise web'), { 'files/crd.yaml': crd })).toEqual([]);
});

test('the lessons of this package leave no doubt', async () => {
  const { problems } = await createTriedLoader()(LESSONS);

  expect(problems).toEqual([]);
});
