import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `commands.txt`, the answers and the manifests are. */
export const RECORDINGS = fileURLToPath(new URL('./recordings/', import.meta.url));

export type Line =
  /** `n` counts commands from 1, as the recordings do. `command` is a line for `bash -c`, here-documents included. */
  { type: 'command'; n: number; group: string; command: string } | { type: 'pause'; seconds: number };

/** Reads the text of `commands.txt`. @throws Error for a here-document that does not end. */
export function parseCommands(text: string): Line[] {
  const lines: Line[] = [];
  const rest = text.split('\n');
  let group = '';
  let n = 0;
  for (let line = rest.shift(); line !== undefined; line = rest.shift()) {
    const pause = /^#~ ([\d.]+)$/.exec(line);
    if (pause) lines.push({ type: 'pause', seconds: Number(pause[1]) });
    else if (line.startsWith('## ')) group = line.slice(3);
    else if (line !== '' && !line.startsWith('#')) {
      n += 1;
      lines.push({ type: 'command', n, group, command: withHereDocument(line, rest) });
    }
  }
  return lines;
}

function withHereDocument(line: string, rest: string[]): string {
  if (!line.includes("<<'EOF'")) return line;
  const end = rest.indexOf('EOF');
  if (end < 0) throw new Error(`commands.txt: the here-document of "${line}" has no line EOF`);
  return [line, ...rest.splice(0, end + 1)].join('\n');
}

/** What a command line printed and how it ended. */
export interface Answer {
  stdout: string;
  stderr: string;
  exit: number;
}

export type KubectlMinor = '1.32' | '1.36';

/** The answers by number; those that were withheld are missing. */
export function loadRecording(minor: KubectlMinor): Map<number, Answer & { command: string }> {
  const answers = new Map<number, Answer & { command: string }>();
  for (const line of readFileSync(join(RECORDINGS, `kubectl-${minor}.jsonl`), 'utf8').split('\n')) {
    if (line === '') continue;
    const record = JSON.parse(line) as Answer & { n: number; command: string; withheld?: boolean };
    if (!record.withheld) answers.set(record.n, record);
  }
  return answers;
}

export function loadCommands(): Line[] {
  return parseCommands(readFileSync(join(RECORDINGS, 'commands.txt'), 'utf8'));
}
