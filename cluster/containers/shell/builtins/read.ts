import { shellMessage } from '../dialect.ts';
import { splitForRead } from '../read-fields.ts';
import { patiently } from '../running/traps.ts';
import type { Shell } from '../shell.ts';
import { complain } from './complaints.ts';

/** `read` */
export async function read(shell: Shell, words: readonly string[]): Promise<number> {
  const names = words.slice(1);
  let raw = false;
  let prompt = '';
  let characters = Infinity;
  while (/^-./.test(names[0] ?? '')) {
    const option = names.shift() ?? '';
    if (option === '--') break;
    // `-t` waits for no longer than that elsewhere; here input is there or ends.
    const value = /[pntduN]$/.test(option) ? (names.shift() ?? '') : '';
    if (option.endsWith('p')) prompt = value;
    if (option.endsWith('n') || option.endsWith('N')) characters = Number(value);
    if (option.includes('r')) raw = true;
  }
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (bad !== undefined) {
    const text = {
      ash: `read: '${bad}': bad variable name`,
      dash: `read: ${bad}: bad variable name`,
      bash: `read: \`${bad}': not a valid identifier`,
    };
    await shell.process.printError(shellMessage(shell.messages, text[shell.dialect]));
    return shell.dialect === 'dash' ? 2 : 1;
  }
  if (names.length === 0 && shell.dialect === 'dash') {
    await complain(shell, 'read', 'arg count');
    return 2;
  }
  if (prompt !== '' && shell.process.isTerminal(0)) await shell.process.printError(prompt);
  const { line, ended } = await readLine(shell, raw, characters);
  // Without a name nothing is split.
  if (names.length === 0) shell.variables.set('REPLY', line);
  else {
    const fields = splitForRead(line, shell.variables.get('IFS') ?? ' \t\n', names.length);
    for (const [index, name] of names.entries()) shell.variables.set(name, fields[index] ?? '');
  }
  return ended ? 1 : 0;
}

/** One line of standard input; what was read beyond it is kept for the next. */
async function readLine(shell: Shell, raw: boolean, characters: number): Promise<{ line: string; ended: boolean }> {
  const descriptor = shell.process.descriptors.get(0);
  if (descriptor === undefined) return { line: '', ended: true };
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf(10);
    if (bytes.length >= characters && (end === -1 || end >= characters)) {
      descriptor.unread(bytes.subarray(characters));
      return { line: bytes.subarray(0, characters).toString('utf8'), ended: false };
    }
    if (end !== -1) {
      descriptor.unread(bytes.subarray(end + 1));
      const line = bytes.subarray(0, end).toString('utf8');
      if (raw || !line.endsWith('\\')) return { line: raw ? line : line.replace(/\\(.)/g, '$1'), ended: false };
      const more = await readLine(shell, raw, characters - line.length);
      return { line: line.slice(0, -1) + more.line, ended: more.ended };
    }
    const chunk = await patiently(() => shell.process.read(0));
    if (chunk === null) return { line: bytes.toString('utf8'), ended: true };
    bytes = Buffer.concat([bytes, chunk]);
  }
}
