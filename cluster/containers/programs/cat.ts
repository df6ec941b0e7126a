import { FileError } from '../files/file-system.ts';
import { isGnu, parseOptions } from './options.ts';
import { complain, openInput, tool } from './tool.ts';

export const cat = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'nveAbEsTu');
  let status = 0;
  let line = 1;
  let atLineStart = true;
  const show = async (bytes: Uint8Array): Promise<void> => {
    const ends = options.has('E') || options.has('e') || options.has('A');
    const visible = ends || options.has('v') || options.has('t') || options.has('T');
    if (!options.has('n') && !options.has('b') && !visible) {
      await process.print(bytes);
      return;
    }
    let text = '';
    for (const character of Buffer.from(bytes).toString('latin1')) {
      const numbered = options.has('n') || (options.has('b') && character !== '\n');
      if (atLineStart && numbered) text += `${String(line++).padStart(6)}\t`;
      if (character === '\n') text += ends ? '$\n' : '\n';
      else text += visible ? shown(character, options.has('A') || options.has('t') || options.has('T')) : character;
      atLineStart = character === '\n';
    }
    await process.print(Buffer.from(text, 'latin1'));
  };
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    try {
      const next = openInput(process, operand);
      for (let bytes = await next(); bytes !== null; bytes = await next()) await show(bytes);
    } catch (error) {
      // BusyBox opens a directory without trouble and fails when it reads.
      const opens = error instanceof FileError && error.code === 'EISDIR';
      if (opens && !isGnu(process)) await process.printError('cat: read error: Is a directory\n');
      else await complain(process, 'open', operand, error);
      status = 1;
    }
  }
  return status;
});

/** A byte as `-v` shows it. */
function shown(character: string, tabs: boolean): string {
  const code = character.charCodeAt(0);
  if (character === '\t') return tabs ? '^I' : '\t';
  if (code >= 128) return `M-${shown(String.fromCharCode(code - 128), true)}`;
  return code < 32 ? `^${String.fromCharCode(code + 64)}` : code === 127 ? '^?' : character;
}

export const tee = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'ai');
  const { files } = process.container;
  const paths: string[] = [];
  for (const operand of operands) {
    const path = `${operand.startsWith('/') ? '' : `${process.workingDirectory}/`}${operand}`;
    try {
      files.write(path, Buffer.alloc(0), { append: options.has('a'), uid: process.uid });
      paths.push(path);
    } catch (error) {
      await complain(process, '', operand, error);
    }
  }
  for (let bytes = await process.read(); bytes !== null; bytes = await process.read()) {
    await process.print(bytes);
    for (const path of paths) files.write(path, bytes, { append: true, uid: process.uid });
  }
  return paths.length === operands.length ? 0 : 1;
});
