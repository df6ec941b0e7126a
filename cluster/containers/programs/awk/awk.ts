import { FileError } from '../../files/file-system.ts';
import type { Process } from '../../process/process.ts';
import { ansiText } from '../../shell/ansi-text.ts';
import { isGnu, UsageError } from '../options.ts';
import { readFile, tool } from '../tool.ts';
import { Interpreter } from './interpreter.ts';
import { AwkSyntaxError } from './lexer.ts';
import { parseAwk } from './parse.ts';
import { AwkStreams } from './streams.ts';
import { fromInput } from './values.ts';

/** POSIX awk: `awk [-F SEPARATOR] [-v NAME=VALUE] [-f FILE | PROGRAM] [FILE | NAME=VALUE]…` */
export const awk = tool(async (process) => {
  const args = process.args.slice(1);
  const assignments: string[] = [];
  const sources: string[] = [];
  let separator: string | null = null;
  while (/^-./.test(args[0] ?? '')) {
    const option = args.shift() ?? '';
    if (option === '--') break;
    const letter = option.charAt(1);
    if (!'Fvfe'.includes(letter)) throw new UsageError(usage(process, letter), isGnu(process) ? 2 : 1);
    const value = option.length > 2 ? option.slice(2) : (args.shift() ?? '');
    if (letter === 'F') separator = value;
    else if (letter === 'v') assignments.push(value);
    else sources.push(letter === 'e' ? value : readSource(process, value));
  }
  if (sources.length === 0) {
    const source = args.shift();
    if (source === undefined) throw new UsageError(usage(process, null), isGnu(process) ? 2 : 1);
    sources.push(source);
  }
  const streams = new AwkStreams(process, args);
  let interpreter: Interpreter;
  try {
    interpreter = new Interpreter(parseAwk(sources.join('\n')), process, streams);
  } catch (error) {
    if (!(error instanceof AwkSyntaxError)) throw error;
    throw new UsageError(
      isGnu(process)
        ? `awk: line ${error.line}: syntax error at or near ${error.near}\n`
        : `awk: cmd. line:${error.line}: Unexpected token\n`,
      isGnu(process) ? 2 : 1,
    );
  }
  streams.assign = (name, value) => interpreter.assign(name, fromInput(value));
  interpreter.assignArguments(['awk', ...args]);
  if (separator !== null) interpreter.assign('FS', separator === 't' ? '\t' : ansiText(separator));
  for (const assignment of assignments) streams.assignFrom(assignment);
  const status = await interpreter.run();
  await streams.finish();
  return streams.failed && status === 0 ? (isGnu(process) ? 2 : 1) : status;
});

function usage(process: Process, option: string | null): string {
  if (!isGnu(process)) {
    return `${option === null ? '' : `awk: unrecognized option: ${option}\n`}BusyBox v1.36.1 () multi-call binary.\n\nUsage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...\n\n\t-v VAR=VAL\tSet variable\n\t-F SEP\t\tUse SEP as field separator\n\t-f FILE\t\tRead program from FILE\n\t-e AWK_PROGRAM\n`;
  }
  return option === null ? 'Usage: mawk [Options] [Program] [file ...]\n' : `awk: not an option: -${option}\n`;
}

function readSource(process: Process, path: string): string {
  try {
    return Buffer.from(readFile(process, path)).toString('utf8');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UsageError(
      isGnu(process)
        ? `awk: couldn't open file ${path}: ${error.message}\n`
        : `awk: can't open '${path}': ${error.message}\n`,
      isGnu(process) ? 2 : 1,
    );
  }
}
