import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ApiObject } from '../api/object.ts';
import { CommandError } from '../errors.ts';
import type { FlagValues } from '../flags.ts';
import type { Io } from '../io.ts';
import { renderGoValue } from './go-value.ts';
import { parseJsonPath, printValue, relaxedPath, type JsonPath } from './jsonpath.ts';
import { splitFormat, type ObjectPrinter } from './printer.ts';
import { alignColumns, TABLE_OPTIONS } from './tabwriter.ts';

/** `-o custom-columns=HEADER:path,…` and `-o custom-columns-file=FILE`. kubectl/pkg/cmd/get/customcolumn.go. */
export interface ColumnsPrinter extends ObjectPrinter {
  printAll(objects: readonly ApiObject[]): string;
}

interface Column {
  header: string;
  path: string;
}

export function createColumnsPrinter(flags: FlagValues, io: Io): ColumnsPrinter {
  const { format, argument } = splitFormat(flags.string('output'), '');
  const columns = format === 'custom-columns' ? parseSpec(argument) : parseFile(argument, io);
  const noHeaders = flags.bool('no-headers');
  const remembered: number[] = [];
  let headed = noHeaders;
  let paths: JsonPath[] | undefined;
  const printAll = (objects: readonly ApiObject[]) => {
    const header = columns.map((column) => column.header).join('\t');
    paths ??= readPaths(columns, headed ? '' : `${header}\n`);
    const found = paths;
    const lines = objects.map((object) => found.map((path) => printCell(path, object)).join('\t'));
    if (!headed) lines.unshift(header);
    headed = true;
    if (lines.length === 0) return '';
    return alignColumns(lines.map((line) => `${line}\n`).join(''), { ...TABLE_OPTIONS, remembered });
  };
  return { print: (object) => printAll([object]), printAll };
}

function parseSpec(spec: string): Column[] {
  if (spec === '') throw new CommandError('custom-columns format specified but no custom columns given');
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':');
    const header = colon < 0 ? part : part.slice(0, colon);
    const path = colon < 0 ? '' : part.slice(colon + 1);
    if (header === '' || path === '') {
      throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    }
    return { header, path };
  });
}

function parseFile(name: string, io: Io): Column[] {
  if (name === '') throw new CommandError('custom-columns-file format specified but no custom columns file given');
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, name), 'utf8');
  } catch {
    throw new CommandError(`error reading template ${name}, open ${name}: no such file or directory\n`);
  }
  const [headers = [], paths = []] = text.split('\n').map((line) => line.trim().split(/\s+/));
  if (!/\n\s*\S/.test(text)) {
    throw new CommandError(
      'invalid template, missing spec line. Expected format is one line of space separated headers, one line of space separated column specs.',
    );
  }
  if (headers.length !== paths.length) {
    throw new CommandError(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  }
  return headers.map((header, index) => ({ header, path: paths[index] ?? '' }));
}

/** Upstream has printed the headers by the time it reads the paths. @throws CommandError with them as its output. */
function readPaths(columns: readonly Column[], header: string): JsonPath[] {
  try {
    return columns.map(({ path }) => parseJsonPath(relaxedPath(path)));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.message, error.exitCode, header);
  }
}

function printCell(path: JsonPath, object: ApiObject): string {
  const values = path.find(object).flat();
  if (values.length === 0) return '<none>';
  return values.map((value) => (typeof value === 'object' ? renderGoValue(value) : printValue(value))).join(',');
}
