import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { Answer, KubectlMinor } from './commands.ts';
import { minorOf } from './minor-of.ts';
import { replay, type ReplayedLine } from './replay.ts';

/** Prints how many answers of each group are equal, and writes each unequal one with its difference to a file. */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      kubectl: { type: 'string', default: '/usr/bin/kubectl' },
      minor: { type: 'string' },
      group: { type: 'string' },
      out: { type: 'string', default: join(tmpdir(), 'oracle-differences') },
    },
  });
  const minor = (values.minor ?? minorOf(values.kubectl)) as KubectlMinor | undefined;
  if (!minor) throw new Error(`${values.kubectl} is no kubectl 1.32 or 1.36: say --minor 1.32 or --minor 1.36`);
  rmSync(values.out, { recursive: true, force: true });
  mkdirSync(values.out, { recursive: true });
  const lines = await replay({
    kubectl: resolve(values.kubectl),
    minor,
    ...(values.group === undefined ? {} : { untilGroup: values.group }),
    onLine(line) {
      writeFileSync(
        join(values.out, 'actual.jsonl'),
        `${JSON.stringify({ n: line.n, command: line.command, ...line.actual })}\n`,
        { flag: 'a' },
      );
      if (line.equal === false)
        writeFileSync(join(values.out, `${String(line.n).padStart(3, '0')}.txt`), describe(line));
    },
  });
  const groups = groupBy(lines);
  for (const [group, members] of groups) {
    const judged = members.filter((line) => line.equal !== undefined);
    const equal = judged.filter((line) => line.equal);
    const unequal = judged.filter((line) => !line.equal).map((line) => line.n);
    process.stdout.write(`${group}: ${equal.length}/${judged.length}  ${unequal.join(' ')}\n`);
  }
  const judged = lines.filter((line) => line.equal !== undefined);
  const equal = judged.filter((line) => line.equal).length;
  process.stdout.write(
    `total: ${equal}/${judged.length} (${((100 * equal) / judged.length).toFixed(1)} %), differences in ${values.out}\n`,
  );
}

function groupBy(lines: ReplayedLine[]): Map<string, ReplayedLine[]> {
  const groups = new Map<string, ReplayedLine[]>();
  for (const line of lines) groups.set(line.group, [...(groups.get(line.group) ?? []), line]);
  return groups;
}

function describe({ n, group, command, actual, expected, masked }: ReplayedLine): string {
  if (!expected || !masked.expected) return '';
  return [
    `# ${n} (${group}): ${command}`,
    `exit: expected ${expected.exit}, was ${actual.exit}`,
    difference('stdout', masked.expected, masked.actual),
    difference('stderr', masked.expected, masked.actual),
    '',
  ].join('\n');
}

function difference(stream: 'stdout' | 'stderr', expected: Answer, actual: Answer): string {
  if (expected[stream] === actual[stream]) return `${stream}: equal`;
  const folder = tmpdir();
  const files = [join(folder, `expected.${process.pid}`), join(folder, `actual.${process.pid}`)] as const;
  writeFileSync(files[0], expected[stream]);
  writeFileSync(files[1], actual[stream]);
  const { stdout } = spawnSync('diff', ['-U', '3', ...files]);
  for (const file of files) rmSync(file);
  return `${stream}:\n${String(stdout).split('\n').slice(2).join('\n')}`;
}
