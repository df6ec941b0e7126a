import { FileError } from '../files/file-system.ts';
import { isGnu, parseOptions } from './options.ts';
import { complain, openInput, tool } from './tool.ts';

export const cat = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'nveAbEsTu');
  let status = 0;
  let line = 1;
  let atLineStart = true;
  const show = async (bytes: Uint8Array): Promise<void> => {
    if (!options.has('n')) {
      await process.print(bytes);
      return;
    }
    let text = '';
    for (const character of Buffer.from(bytes).toString('latin1')) {
      if (atLineStart) text += `${String(line++).padStart(6)}\t`;
      text += character;
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
