import { parseMarkdown } from './parse-markdown.ts';
import { readTextForm } from './text-form.ts';
import type { ParsedRun } from './parsed-text.ts';

/** What stands below a command from now on. */
export interface Recording {
  /** Id of the run block. */
  block: string;
  /** In the notation of output fences. */
  text: string;
  exit: number;
}

/** Writes outputs below their commands, in place of the one that is there. @param text a lesson's Markdown */
export function writeOutputs(text: string, recordings: readonly Recording[]): string {
  const form = readTextForm(text);
  const lines = form.text.split('\n');
  const runs = parseMarkdown(lines.join('\n'), () => {}).steps.flatMap(({ blocks }) =>
    blocks.filter((block) => block.kind === 'run'),
  );
  // From the end, so that the lines before stay where they are.
  for (const run of runs.toReversed()) {
    const recording = recordings.find(({ block }) => block === run.id);
    if (recording) writeOne(lines, run, recording);
  }
  return form.restore(lines.join('\n'));
}

function writeOne(lines: string[], run: ParsedRun, { text, exit }: Recording): void {
  const indent = /^\s*/.exec(lines[run.line - 1] ?? '')?.[0] ?? '';
  // Longer than any mark in the output.
  const mark = '`'.repeat(Math.max(3, ...[...text.matchAll(/^\s*(`+)/gm)].map(([, ticks = '']) => ticks.length + 1)));
  const fence = [
    `${mark}output${exit === 0 ? '' : ` exit=${exit}`}`,
    ...(text === '' ? [] : text.split('\n')),
    mark,
  ].map((line) => (line === '' ? '' : indent + line));
  const [old] = run.outputs;
  // An empty fence has its closing mark where a line of content would be.
  const end = (span: { endLine: number }, content: string) => span.endLine + (content === '' ? 0 : 1);
  if (old) lines.splice(old.line - 1, end(old, old.text) - old.line + 1, ...fence);
  else lines.splice(end(run, run.command), 0, '', ...fence);
}
