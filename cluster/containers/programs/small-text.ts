import { parseOptions } from './options.ts';
import { forEachInput, tool } from './tool.ts';

/** Filters of few lines each. */

export const tac = tool(async (process) => {
  const good = await forEachInput(process, process.args.slice(1), async (lines) => {
    const all: string[] = [];
    let size = 0;
    for await (const line of lines) {
      size += line.length + 32;
      if (size > 8 * 1024 * 1024) {
        await process.printError('tac: memory exhausted\n');
        return;
      }
      all.push(line);
    }
    for (const line of all.toReversed()) await process.printLater(`${line}\n`);
  });
  return good ? 0 : 1;
});

export const nl = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'b:w:s:v:n:');
  let number = Number(options.get('v') ?? 1);
  const width = Number(options.get('w') ?? 6);
  const good = await forEachInput(process, operands, async (lines) => {
    for await (const line of lines) {
      if (line === '' && options.get('b') !== 'a') await process.printLater(`${' '.repeat(width + 1)}\n`);
      else await process.printLater(`${String(number++).padStart(width)}${options.get('s') ?? '\t'}${line}\n`);
    }
  });
  return good ? 0 : 1;
});

export const paste = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'd:s');
  const delimiters = [...(options.get('d') ?? '\t').replaceAll('\\n', '\n').replaceAll('\\t', '\t')];
  const columns: string[][] = [];
  const good = await forEachInput(process, operands, async (lines) => {
    const column: string[] = [];
    for await (const line of lines) column.push(line);
    columns.push(column);
  });
  const join = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell : (delimiters[(index - 1) % delimiters.length] ?? '') + cell))
      .join('');
  const rows = options.has('s')
    ? columns
    : Array.from({ length: Math.max(0, ...columns.map(({ length }) => length)) }, (_, row) =>
        columns.map((column) => column[row] ?? ''),
      );
  for (const row of rows) await process.printLater(`${join(row)}\n`);
  return good ? 0 : 1;
});

export const fold = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'w:sb');
  const width = Math.max(1, Number(options.get('w') ?? 80) || 80);
  const good = await forEachInput(process, operands, async (lines) => {
    for await (const line of lines) {
      let rest = line;
      while (rest.length > width) {
        const space = options.has('s') ? rest.lastIndexOf(' ', width - 1) : -1;
        const cut = space > 0 ? space + 1 : width;
        await process.printLater(`${rest.slice(0, cut)}\n`);
        rest = rest.slice(cut);
      }
      await process.printLater(`${rest}\n`);
    }
  });
  return good ? 0 : 1;
});
