import { readFileSync } from 'node:fs';

/** One block of `commands.txt`; the signs are explained there. */
export interface Block {
  line: number;
  form: 'plain' | 'terminal' | 'background';
  command: string;
  /** Of kubectl's minor versions. */
  since: number;
  before: number;
  /** `*` is any. */
  exit: string;
  stdout: string[];
  stderr: string[];
  absent: string[];
  steps: Step[];
}

export type Step =
  | { kind: 'see'; text: string }
  | { kind: 'type'; text: string }
  | { kind: 'resize'; columns: number; rows: number }
  | { kind: 'request'; path: string; status: string; body: string[] };

const HEAD = /^([$%&])(?:(<?)1\.(\d+))? (.*)$/;
const FORMS = { $: 'plain', '%': 'terminal', '&': 'background' } as const;

/** @throws Error with the number of the line that cannot be read */
export function parseScript(file: string): Block[] {
  const blocks: Block[] = [];
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (text === '' || text.startsWith('#')) continue;
    const head = HEAD.exec(text);
    if (head) {
      const [, sign = '$', older, minor, command = ''] = head;
      blocks.push({
        line: index + 1,
        form: FORMS[sign as keyof typeof FORMS],
        command,
        since: minor !== undefined && !older ? Number(minor) : 0,
        before: minor !== undefined && older ? Number(minor) : Infinity,
        exit: '0',
        stdout: [],
        stderr: [],
        absent: [],
        steps: [],
      });
      continue;
    }
    const block = blocks.at(-1);
    if (!block || !addTo(block, text)) throw new Error(`${file}:${index + 1}: cannot be read: ${text}`);
  }
  return blocks;
}

function addTo(block: Block, text: string): boolean {
  if (text.startsWith('GET ')) {
    block.steps.push({ kind: 'request', path: text.slice(4), status: '200', body: [] });
    return true;
  }
  const value = text.slice(2);
  const last = block.steps.at(-1);
  switch (text.slice(0, 2)) {
    case '= ':
      if (last?.kind === 'request') last.status = value;
      else block.exit = value;
      return true;
    case '> ':
      if (last?.kind === 'request') last.body.push(value);
      else block.stdout.push(value);
      return true;
    case '! ':
      block.stderr.push(value);
      return true;
    case '- ':
      block.absent.push(value);
      return true;
    case '@ ':
      block.steps.push({ kind: 'see', text: value });
      return true;
    case '< ':
      block.steps.push({ kind: 'type', text: unescape(value) });
      return true;
    case '~ ': {
      const [columns = 0, rows = 0] = value.split('x').map(Number);
      block.steps.push({ kind: 'resize', columns, rows });
      return true;
    }
    default:
      return false;
  }
}

function unescape(text: string): string {
  return text
    .replaceAll('\\r', '\r')
    .replaceAll(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Whether a line is as a pattern of the script says. */
export function fits(pattern: string, line: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\s+/g, '\\s+'))
    .join('.*');
  return new RegExp(`^${source}\\s*$`).test(line);
}
