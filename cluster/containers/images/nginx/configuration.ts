import { FileError, resolvePath } from '../../files/file-system.ts';
import type { Process } from '../../process/process.ts';
import { matchesPattern } from '../../shell/pattern.ts';

/** One directive of a configuration file: `name arg arg;` or `name arg { … }`. */
export interface Directive {
  name: string;
  args: string[];
  block: Directive[] | null;
  file: string;
  line: number;
}

/** What `nginx -t` calls `[emerg]`. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

export const CONFIGURATION_FILE = '/etc/nginx/nginx.conf';

/** Files that include each other; more are a loop. */
const MAX_INCLUDE_DEPTH = 10;

/** Reads nginx.conf and what it includes. @throws ConfigurationError in the words of nginx 1.27 */
export function readConfiguration(process: Process): Directive[] {
  return readFile(process, CONFIGURATION_FILE, 0);
}

function readFile(process: Process, path: string, depth: number): Directive[] {
  let text: string;
  try {
    text = Buffer.from(process.container.files.read(path, process.uid)).toString('utf8');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const errno = error.code === 'EACCES' ? 13 : error.code === 'EISDIR' ? 21 : 2;
    throw new ConfigurationError(`open() "${path}" failed (${errno}: ${error.message})`);
  }
  if (depth > MAX_INCLUDE_DEPTH) throw new ConfigurationError(`too many levels of include in ${path}:1`);
  return include(process, parse(text, path), depth);
}

/** Replaces `include` by what it names. */
function include(process: Process, directives: readonly Directive[], depth: number): Directive[] {
  return directives.flatMap((directive) => {
    if (directive.block !== null) return [{ ...directive, block: include(process, directive.block, depth) }];
    if (directive.name !== 'include') return [directive];
    const path = resolvePath('/etc/nginx', directive.args[0] ?? '');
    return filesOf(process, path).flatMap((file) => readFile(process, file, depth + 1));
  });
}

function filesOf(process: Process, pattern: string): string[] {
  const cut = pattern.lastIndexOf('/');
  const name = pattern.slice(cut + 1);
  if (!/[*?[]/.test(name)) return [pattern];
  const { files } = process.container;
  const folder = pattern.slice(0, cut);
  if (!files.exists(folder)) return [];
  const node = files.find(folder);
  if (node.kind !== 'directory') return [];
  return [...files.entries(node)]
    .filter(([entry, child]) => child.kind !== 'directory' && matchesPattern(name, entry))
    .map(([entry]) => `${folder}/${entry}`)
    .sort();
}

interface Token {
  text: string;
  quoted: boolean;
  line: number;
}

function tokens(text: string, file: string): Token[] {
  const result: Token[] = [];
  const form =
    /\s+|#[^\n]*|([{};])|"((?:\\[\s\S]|[^"\\])*)"|'((?:\\[\s\S]|[^'\\])*)'|((?:\\[\s\S]|\$\{\w*\}|[^\s{};"'\\])+)/gy;
  let line = 1;
  for (let match = form.exec(text); match !== null; match = form.exec(text)) {
    const [whole, sign, double, single, word] = match;
    const quoted = double ?? single;
    if (quoted !== undefined) result.push({ text: unescape(quoted), quoted: true, line });
    else if ((sign ?? word) !== undefined) result.push({ text: sign ?? word ?? '', quoted: false, line });
    line += whole.split('\n').length - 1;
    if (form.lastIndex >= text.length) return result;
  }
  if (text.length > 0) throw new ConfigurationError(`unexpected end of file, expecting ";" or "}" in ${file}:${line}`);
  return result;
}

function unescape(text: string): string {
  return text.replace(
    /\\([\s\S])/g,
    (whole, letter: string) => ({ n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' })[letter] ?? whole,
  );
}

function parse(text: string, file: string): Directive[] {
  const stack: Directive[][] = [[]];
  let words: Token[] = [];
  let line = 1;
  for (const token of tokens(text, file)) {
    line = token.line;
    const isSign = !token.quoted && /^[{};]$/.test(token.text);
    if (!isSign) {
      words.push(token);
      continue;
    }
    const [name, ...args] = words;
    if (token.text === '}') {
      if (name !== undefined || stack.length === 1) throw new ConfigurationError(`unexpected "}" in ${file}:${line}`);
      stack.pop();
      continue;
    }
    if (name === undefined) throw new ConfigurationError(`unexpected "${token.text}" in ${file}:${line}`);
    const block: Directive[] | null = token.text === '{' ? [] : null;
    stack.at(-1)?.push({ name: name.text, args: args.map((arg) => arg.text), block, file, line: name.line });
    if (block !== null) stack.push(block);
    words = [];
  }
  if (words.length > 0 || stack.length > 1) {
    throw new ConfigurationError(
      `unexpected end of file, expecting "${words.length > 0 ? ';" or "' : ''}}" in ${file}:${line}`,
    );
  }
  return stack[0] ?? [];
}
