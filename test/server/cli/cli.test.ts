import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createTempLesson } from '../session/temp-lesson.ts';

const launch = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));

const taller = (...args: string[]) => tallerWith({}, ...args);

function tallerWith(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [launch, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

describe('taller', () => {
  it.each([
    { args: [], message: 'Usage:' },
    {
      args: ['sreve'],
      message: 'Unknown command "sreve". Use serve, check, new, record, run; see taller --help. Did you mean "serve"?',
    },
    {
      args: ['serve', '--prot', '1'],
      message: 'serve: unknown option "--prot". Did you mean "--port"? See taller --help.',
    },
    { args: ['serve', '--port', '70000'], message: '"70000" is not a port. Use --port with a number from 0 to 65535.' },
    { args: ['check', '--locale', 'en,fr'], message: 'check: unknown locale "fr". Use --locale with en or es.' },
    { args: ['check', '--from', 'es'], message: 'check: --from says what --fix translates from.' },
    {
      args: ['check', '--json', '/nowhere/report.json'],
      message:
        'check: cannot write the report "/nowhere/report.json": there is no folder "/nowhere". Choose another file.',
    },
    { args: ['run', 'kubectl'], message: 'run: say which command after "--"' },
    {
      args: ['run', '--istio', '0.1', '--', 'true'],
      message: 'run: Istio "0.1" is not simulated. Use one of: 1.0, 1.1, 1.4, 1.6, current.',
    },
  ])('explains $args and ends with 2', async ({ args, message }) => {
    const { status, stderr } = await taller(...args);

    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
  });

  it('ends without a word when nobody reads on', async () => {
    const lesson = await createTempLesson('no step\n');
    const child = spawn(process.execPath, [launch, 'check', lesson.directory]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));

    const status = await new Promise((done) => child.once('close', done));

    await lesson.dispose();
    expect(stderr).toBe('');
    expect(status).toBe(1);
  });

  it('says which port is taken and what to do', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;

    const { status, stderr } = await taller('serve', '--port', String(port));

    server.close();
    expect(stderr).toBe(`taller: Port ${port} on 127.0.0.1 is taken. Choose another with --port N.\n`);
    expect(status).toBe(1);
  });

  it('says which variable is wrong', async () => {
    const port = await tallerWith({ PORT: 'http' }, 'serve');
    const folder = await tallerWith({ TMPDIR: '/nonexistent' }, 'run', '--', 'true');

    expect(port.stderr).toBe('taller: PORT: "http" is not a port. Use --port with a number from 0 to 65535.\n');
    expect(folder.stderr).toBe(
      'taller: Cannot make a folder in /nonexistent (ENOENT). Choose another with the variable TMPDIR.\n',
    );
  });

  it('says when a folder has no lessons', async () => {
    const { status, stderr } = await taller('serve', '--port', '0', '--lessons', '/nonexistent');

    expect(stderr).toContain('/nonexistent');
    expect(status).toBe(1);
  });
});

describe('taller run', () => {
  it('gives the command a cluster and passes its output and exit status on', async () => {
    const { status, stdout } = await taller('run', '--', 'sh', '-c', 'kubectl get ns default -o name; exit 7');

    expect(stdout).toBe('namespace/default\n');
    expect(status).toBe(7);
  });

  it('applies the manifests of --setup first', async () => {
    const lesson = await createTempLesson('', {
      'setup/1.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\n',
      'setup/2.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: shop }\ndata: { b: c }\n',
    });

    const kubectl = ['kubectl', '-n', 'shop', 'get', 'cm', 'a', '-o', 'jsonpath={.data.b}'];
    const { stdout } = await taller('run', '--setup', join(lesson.directory, 'setup'), '--', ...kubectl);

    await lesson.dispose();
    expect(stdout).toBe('c');
  });

  it('has a kubectl that speaks HTTPS as well', async () => {
    const { status, stderr } = await taller('run', '--', 'kubectl', '--server=https://127.0.0.1:1', 'get', 'pods');

    expect(stderr).toContain(
      'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
    );
    expect(status).toBe(1);
  });

  it('names a command that does not exist', async () => {
    const { status, stderr } = await taller('run', '--', 'nosuch-command');

    expect(stderr).toBe('taller: run: there is no command "nosuch-command" on PATH.\n');
    expect(status).toBe(1);
  });

  it('leaves nothing behind in the temporary folder', async () => {
    // A folder of its own: the machine's has what others are doing.
    const folder = await mkdtemp(join(tmpdir(), 'taller test é-'));
    const { status } = await tallerWith({ TMPDIR: folder }, 'run', '--', 'kubectl', 'get', 'ns');

    const left = await readdir(folder);
    await rm(folder, { recursive: true });
    expect({ status, left }).toEqual({ status: 0, left: [] });
  });
});

describe('taller check', () => {
  const GOOD =
    '## One\n\n```sh run\nkubectl create namespace shop\n```\n\n```output\nnamespace/shop created\n```\n\n```check there\nobject: Namespace shop\n```\n';

  it('reports every block and check of every language', async () => {
    const lesson = await createTempLesson(GOOD);

    const { status, stdout } = await taller('check', lesson.directory, '--json', '-');

    await lesson.dispose();
    const seconds: unknown = expect.any(Number);
    const results = [
      { step: 'One', label: 'kubectl create namespace shop', line: 3, failure: null, seconds },
      { step: 'One', label: 'check there', line: 11, failure: null, seconds },
    ];
    const counts = { seconds, steps: 1, blocks: 1, checks: 1, passed: 2, failed: 0, problems: [], results };
    const attempt = (kind: string, label: string) => ({ kind, check: 'there', label, problem: null });
    expect(JSON.parse(stdout)).toEqual({
      lessons: [
        { id: 'test', locale: 'en', file: join(lesson.directory, 'en.md'), ...counts },
        { id: 'test', locale: 'es', file: join(lesson.directory, 'es.md'), ...counts },
      ],
      proofs: [
        {
          id: 'test',
          wrongStates: { refused: 3, of: 3 },
          ways: { passed: 0, of: 0 },
          problems: [],
          survivors: [],
          attempts: [
            attempt('undone', 'nothing is done, and everything in the home pretends'),
            attempt('goal', 'Namespace shop deleted'),
            attempt('goal', 'Namespace shop named shop-other'),
          ],
          skipped: null,
          seconds,
        },
      ],
      problems: [],
      passed: 4,
      failed: 0,
      seconds,
    });
    expect(status).toBe(0);
  });

  it('ends with 1 when a check passes although nothing was done', async () => {
    const lesson = await createTempLesson(GOOD.replace('Namespace shop', 'Namespace default'));

    const { status, stdout } = await taller('check', lesson.directory, '--locale', 'es');

    await lesson.dispose();
    expect(stdout).toContain('test, put to the test: 2 of 3 wrong states refused');
    expect(stdout).toContain('en.md:11: check "there" passes before the first command of its stage.');
    expect(stdout).toMatch(/\n2 passed, 1 failed\n$/);
    expect(status).toBe(1);
  });

  it('writes a report that CI systems read', async () => {
    const lesson = await createTempLesson(
      GOOD.replace('namespace/shop created', 'namespace/<shop> & more').replace('Namespace shop', 'Namespace default'),
    );
    const file = join(lesson.directory, 'junit.xml');

    await taller('check', lesson.directory, '--locale', 'en', '--junit', file);

    const xml = await readFile(file, 'utf8');
    await lesson.dispose();
    const text = join(lesson.directory, 'en.md');
    const timeless = xml.replaceAll(/ time="\d+(?:\.\d{1,3})?"/g, '');
    expect(xml.match(/ time="/g)).toHaveLength(5);
    expect(timeless).toContain('<testsuites name="taller check" tests="2" failures="1" errors="0" skipped="0">');
    expect(timeless).toContain(`<testcase classname="test (en).One" name="check there (line 11)" file="${text}"/>`);
    expect(timeless).toContain(
      `name="kubectl create namespace shop (line 3)" file="${text}"><failure type="problem" message="The output differs`,
    );
    expect(xml).toContain('- namespace/&lt;shop&gt; &amp; more');
  });

  it('names file and line of what failed', async () => {
    const lesson = await createTempLesson(
      GOOD.replace('/shop created', '/shop deleted').replace('Namespace shop', 'Namespace shops'),
    );

    const { status, stdout } = await taller('check', lesson.directory, '--locale', 'es');

    await lesson.dispose();
    expect(stdout).toContain(
      'es.md:3: The output differs from what the lesson says:\n      - namespace/shop deleted\n      + namespace/shop created',
    );
    expect(stdout).toContain(
      'es.md:11: check "there" names an object "shops", which nothing in the lesson makes. Did you mean "shop"?\nThere is no Namespace shops.',
    );
    expect(stdout).toMatch(/\n0 passed, 2 failed\n$/);
    expect(status).toBe(1);
  });

  it('says why a block was not run', async () => {
    const lesson = await createTempLesson('## One\n\n```sh run\nexit 3\n```\n\n```sh run\necho hello\n```\n');

    const { stdout } = await taller('check', lesson.directory, '--locale', 'en');

    await lesson.dispose();
    expect(stdout).toContain('en.md:3: "exit 3" ended the shell.');
    expect(stdout).toContain('en.md:7: It was not run: a command before it has ended the shell of its terminal.');
  });

  it.each([
    {
      what: 'that the cluster refuses',
      yaml: 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: A_B }\n',
      message: 'the cluster refuses the Namespace "A_B": metadata.name: Invalid value',
    },
    {
      what: 'that is no YAML',
      yaml: 'a: 1\na: 2\n',
      message: 'setup/a.yaml:2: this is not YAML in column 1 of "a: 2": this field stands here twice. Remove one.',
    },
  ])('names file and line of a setup manifest $what, and goes on', async ({ yaml, message }) => {
    const broken = await createTempLesson(GOOD, { 'setup/a.yaml': yaml }, 'setup: [a.yaml]\n');
    const good = await createTempLesson(GOOD);

    const { status, stdout, stderr } = await taller('check', broken.directory, good.directory, '--locale', 'en');

    await broken.dispose();
    await good.dispose();
    expect(stderr).toBe('');
    expect(stdout).toContain(message);
    expect(stdout).toMatch(/\n2 passed, 1 failed\n$/);
    expect(status).toBe(1);
  });

  it('prints the problems of the text all at once and still runs the sound lessons', async () => {
    const broken = await createTempLesson(GOOD);
    await rename(broken.directory, `${broken.directory}-broken`);
    await writeFile(
      join(`${broken.directory}-broken`, 'es.md'),
      GOOD.replace('sh run', 'sh runn').replace('check there', 'check'),
    );
    const good = await createTempLesson(GOOD);

    const { status, stdout } = await taller('check', `${broken.directory}-broken`, good.directory);

    await broken.dispose();
    await good.dispose();
    expect(stdout).toMatch(/es\.md:3: .*"runn".*run/);
    expect(stdout).toMatch(/es\.md:11: /);
    expect(stdout).toContain('test (en)');
    expect(status).toBe(1);
  });
});
