import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckDefinition, RunTest } from '../lessons/definition.ts';
import { parseFieldPath } from '../lessons/field-path.ts';
import type { EmbeddedEnvironment } from '../session/embedded-environment.ts';
import { KUBECONFIG } from './snapshot.ts';

/** Programs that checks call. */
const FAKED = ['kubectl', 'oc', 'istioctl', 'curl'];
/** Where shells and programs look first when they are told to, or by themselves. */
const FOLDERS = ['', 'bin', '.local/bin'];
const STARTUP_FILES = ['.bashrc', '.bash_profile', '.bash_login', '.profile', '.bash_aliases', '.curlrc'];

/**
 * Prepares a home as a learner might who wants a check to pass without doing anything: programs, aliases and functions
 * that print what the check wants to see, in every file that a shell may read at its start; and a kubeconfig that leads
 * to another cluster, in which all is done.
 */
export async function playTricks(
  environment: EmbeddedEnvironment,
  check: CheckDefinition,
  otherApiUrl: string,
): Promise<void> {
  const { home, apiUrl } = environment;
  const fake = renderFake(check);
  for (const folder of FOLDERS) {
    await mkdir(join(home, folder), { recursive: true });
    for (const name of FAKED) {
      const file = join(home, folder, name);
      await writeFile(file, `#!/bin/sh\n${fake}\n`);
      await chmod(file, 0o755);
    }
  }
  const startup = [
    `export PATH="$HOME/bin:$HOME/.local/bin:$PATH:." KUBECONFIG="$HOME/${KUBECONFIG}" BASH_ENV="$HOME/.bashrc"`,
    'shopt -s expand_aliases',
    ...FAKED.flatMap((name) => [`alias ${name}="$HOME/bin/${name}"`, `${name}() { "$HOME/bin/${name}" "$@"; }`]),
  ].join('\n');
  for (const name of STARTUP_FILES) {
    await writeFile(join(home, name), name === '.curlrc' ? 'url = "http://127.0.0.1:1"\n' : `${startup}\n`);
  }
  const config = await readFile(join(home, KUBECONFIG), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (config !== null) await writeFile(join(home, KUBECONFIG), config.replaceAll(apiUrl, otherApiUrl));
}

function renderFake({ test }: CheckDefinition): string {
  if (test.kind === 'object') return 'exit 0';
  return `cat <<'TALLER_END'\n${wantedOutput(test)}\nTALLER_END\nexit ${test.exit ?? 0}`;
}

/** Output that would satisfy the test, as far as that can be made up. */
export function wantedOutput({ outputs, json }: Pick<RunTest, 'outputs' | 'json'>): string {
  if (json.length > 0) return JSON.stringify(wantedJson(json));
  return outputs
    .filter(({ mode }) => mode !== 'not')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.trim() !== '...')
    .map((line) => line.replaceAll(/<([a-z]+|\*)(?: [^>]*)?>/g, (hole, name: string) => SAMPLES[name] ?? hole))
    .join('\n');
}

/** A text that each hole accepts. */
const SAMPLES: Record<string, string> = {
  age: '5s',
  ip: '10.244.0.7',
  int: '1',
  num: '1',
  id: 'x2k4z',
  rs: '6b7c9d',
  word: 'word',
  time: '10:20:30',
  date: '2026-01-31',
  ver: 'v1.32.4',
  '*': 'anything',
};

function wantedJson(tests: RunTest['json']): unknown {
  const document: Record<string, unknown> = {};
  for (const { path, operator, value } of tests) {
    const steps = parseFieldPath(path);
    if (steps === undefined || operator === '!=' || operator === '<') continue;
    let place: Record<string | number, unknown> = document;
    for (const [index, step] of steps.slice(0, -1).entries()) {
      place[step] ??= typeof steps[index + 1] === 'number' || steps[index + 1] === 'length' ? [] : {};
      place = place[step] as Record<string | number, unknown>;
    }
    const wanted = operator === 'exists' ? true : operator === '>' ? Number(value) + 1 : value;
    place[steps.at(-1)!] = operator === 'contains' && typeof value !== 'string' ? [value] : wanted;
  }
  return document;
}
