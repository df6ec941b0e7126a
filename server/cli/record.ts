import { readFile, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { RunBlock } from '../../common/lesson.ts';
import { LOCALES } from '../../common/locale.ts';
import { UserError } from '../errors.ts';
import type { LessonDefinition } from '../lessons/definition.ts';
import { loadLessons } from '../lessons/load-lessons.ts';
import { compareOutput, matchesSoFar } from '../lessons/match/compare-output.ts';
import { recordOutput } from '../lessons/record-output.ts';
import { writeOutputs, type Recording } from '../lessons/write-outputs.ts';
import { stderrLogger } from '../logger.ts';
import { createSession, type Session } from '../session/session.ts';
import { readArguments } from './arguments.ts';
import { createWorkplace } from './workplace.ts';

/** What one command did. `ended` is false for one that goes on, such as a watch. */
interface Run {
  output: string;
  status: number;
  ended: boolean;
}

const INTERRUPT_TIMEOUT_MS = 3_000;
/** A command that has printed what its author expects and does not end within this time goes on, as a watch does. */
const SETTLED_MS = 1_000;

/**
 * `taller record`: runs the commands of a lesson twice, each time in a fresh session, and writes what they print below
 * them, in every language. What the author wrote and still holds stays, unless `--all` is given.
 * @returns 1 when a command could not be recorded.
 */
export async function record(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments('record', {
    args: [...args],
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false } },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    throw new UserError('BAD_ARGUMENTS', 'record: name one lesson, as in taller record lessons/canary.');
  }
  const { lessons, problems } = await loadLessons(resolve(path));
  for (const { file, line, message } of problems) {
    process.stderr.write(`${relative(process.cwd(), file)}:${line}: ${message}\n`);
  }
  const [lesson] = lessons;
  if (lesson === undefined || lessons.length > 1 || problems.length > 0) {
    const why = problems.length > 0 ? 'mend what stands above first' : 'name one lesson, not a folder of them';
    throw new UserError('LESSONS_NOT_FOUND', `record: ${path}: ${why}.`);
  }

  const files = LOCALES.map((locale) => lesson.texts[locale].file);
  const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const first = await runAll(lesson);
  const second = await runAll(lesson);
  const recordings: Recording[] = [];
  let failed = 0;
  for (const block of runBlocksOf(lesson)) {
    const runs = [first.get(block.id), second.get(block.id)];
    const outcome = judge(block, runs, values.all);
    if (outcome.recording) recordings.push(outcome.recording);
    if (outcome.failed) failed++;
    const [command = ''] = block.command.split('\n');
    process.stdout.write(
      `${outcome.failed ? 'not recorded' : outcome.recording ? 'recorded' : 'kept'}: ${command}${outcome.why}\n`,
    );
  }
  for (const [index, file] of files.entries()) {
    const text = await readFile(file, 'utf8');
    if (text !== before[index]) {
      const name = relative(process.cwd(), file);
      throw new UserError(
        'FILES_UNREADABLE',
        `record: ${name} was changed meanwhile and stays as it is. Record again.`,
      );
    }
    const written = writeOutputs(text, recordings);
    if (written !== text) await writeFile(file, written);
  }
  return failed > 0 ? 1 : 0;
}

function judge(
  block: RunBlock,
  [first, second]: readonly (Run | undefined)[],
  all: boolean,
): { recording?: Recording; failed: boolean; why: string } {
  if (!first || !second) return { failed: true, why: ' (it could not be started: the one before still runs)' };
  const holds = [first, second].every(
    ({ output, status, ended }) => compareOutput(block.outputs, output).ok && (status === block.exit || !ended),
  );
  const isAuthored = block.outputs.length > 0;
  if (!first.ended || !second.ended) {
    return { failed: !isAuthored, why: isAuthored ? '' : ' (it goes on: write the lines that tell that it works)' };
  }
  if (holds && isAuthored && !all) return { failed: false, why: '' };
  if (block.outputs.length > 1 || block.outputs.some(({ mode }) => mode !== 'in-order')) {
    return {
      failed: !holds,
      why: holds ? '' : ' (it has several outputs, or "not" or "any order": mend them by hand)',
    };
  }
  if (first.status !== second.status) {
    return { failed: true, why: ` (it ended with ${first.status} once and with ${second.status} once)` };
  }
  const text = recordOutput(first.output, second.output);
  // Nothing printed and nothing said about it: nothing to write.
  if (text === '' && first.status === 0 && !isAuthored) return { failed: false, why: '' };
  return { recording: { block: block.id, text, exit: first.status }, failed: false, why: '' };
}

function runBlocksOf(lesson: LessonDefinition): RunBlock[] {
  return lesson.texts.en.lesson.steps.flatMap(({ blocks }) => blocks.filter((block) => block.kind === 'run'));
}

/** Every command in a fresh session, by block id; those that could not be started are missing. */
async function runAll(lesson: LessonDefinition): Promise<Map<string, Run>> {
  const workplace = await createWorkplace();
  try {
    const session = await createSession(lesson, { ...workplace, logger: stderrLogger });
    try {
      const runs = new Map<string, Run>();
      for (const block of runBlocksOf(lesson)) {
        const run = await runOne(session, block);
        if (run) runs.set(block.id, run);
      }
      return runs;
    } finally {
      await session.dispose();
    }
  } finally {
    await workplace.dispose();
  }
}

async function runOne(session: Session, block: RunBlock): Promise<Run | null> {
  const terminal = session.terminal(block.terminal);
  if (!terminal) return null;
  await terminal.ready();
  // A watch of the block before is ended, as a learner would.
  if (!(await terminal.pty.interrupt(INTERRUPT_TIMEOUT_MS))) return null;
  let output = '';
  let settled = false;
  let follow: (text: string) => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Run>((done) => {
    const give = (milliseconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => done({ output, status: 0, ended: false }), milliseconds);
    };
    give(block.timeoutMs);
    follow = (text) => {
      output = text;
      if (settled || !matchesSoFar(block.outputs, output)) return;
      settled = true;
      give(SETTLED_MS);
    };
  });
  const run = terminal.pty
    .run(block.command, (progress) => follow(progress.output))
    .then((result): Run => {
      if (result.outcome === 'finished') return { output: result.output, status: result.status, ended: true };
      return { output, status: 130, ended: false };
    });
  try {
    return await Promise.race([run, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
