import { FileError } from '../../files/file-system.ts';
import { isGnu, parseOptions, UsageError } from '../options.ts';
import { forEachInput, openInput, pathOf, readFile, tool } from '../tool.ts';
import { SedRunner } from './runner.ts';
import { parseScript } from './script.ts';

/** sed with all of POSIX but `r` and `w`, and what people know of GNU's. */
export const sed = tool(async (process) => {
  const args = process.args.slice(1);
  const scripts: string[] = [];
  const rest: string[] = [];
  let suffix = '';
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '-e' || arg === '--expression') scripts.push(args[++index] ?? '');
    else if (arg.startsWith('--expression=')) scripts.push(arg.slice(13));
    else if (arg === '-f') {
      const path = args[++index] ?? '';
      try {
        scripts.push(Buffer.from(readFile(process, path)).toString('utf8').replace(/\n$/, ''));
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        throw new UsageError(`sed: couldn't open file ${path}: ${error.message}\n`, 1);
      }
    } else if (/^-i./.test(arg)) {
      suffix = arg.slice(2);
      rest.push('-i');
    } else rest.push(arg);
  }
  process.args = [process.args[0] ?? 'sed', ...rest];
  const { options, operands } = parseOptions(process, 'nErsiuz', {
    long: { quiet: 'n', silent: 'n', 'in-place': 'i', 'regexp-extended': 'E' },
  });
  if (scripts.length === 0) {
    const script = operands.shift();
    if (script === undefined)
      throw new UsageError('Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n', 1);
    scripts.push(script);
  }
  const instructions = parseScript(process, scripts.join('\n'), options.has('E') || options.has('r'));
  const breathe = (): Promise<void> => process.breathe();
  if (!options.has('i')) {
    const runner = new SedRunner(instructions, options.has('n'), (text) => process.printLater(text), breathe);
    // All files are one to it, so that `$` is the last line of the last.
    const missing: string[] = [];
    async function* lines(): AsyncGenerator<string> {
      for (const operand of operands.length === 0 ? ['-'] : operands) {
        try {
          yield* process.linesOf(openInput(process, operand));
        } catch (error) {
          if (!(error instanceof FileError)) throw error;
          missing.push(operand);
          const reason = error.message;
          await process.printError(
            isGnu(process)
              ? `sed: ${reason === 'Is a directory' ? "couldn't edit" : "can't read"} ${operand}: ${reason}\n`
              : `sed: ${operand}: ${reason}\n`,
          );
        }
      }
    }
    await runner.run(lines());
    return missing.length > 0 ? (isGnu(process) ? 2 : 1) : runner.status;
  }
  let status = 0;
  for (const operand of operands) {
    let output = '';
    const print = (text: string): Promise<void> => {
      output += text;
      return Promise.resolve();
    };
    const runner = new SedRunner(instructions, options.has('n'), print, breathe);
    const good = await forEachInput(process, [operand], (lines) => runner.run(lines));
    if (!good) {
      status = isGnu(process) ? 4 : 1;
      continue;
    }
    const { files } = process.container;
    if (suffix !== '') files.write(pathOf(process, operand + suffix), readFile(process, operand), { uid: process.uid });
    files.write(pathOf(process, operand), Buffer.from(output), { uid: process.uid });
    if (runner.status !== 0) status = runner.status;
  }
  return status;
});
