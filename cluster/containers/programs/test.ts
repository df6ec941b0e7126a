import { FileError, allows } from '../files/file-system.ts';
import type { Process } from '../process/process.ts';
import { tool, pathOf } from './tool.ts';
import { toolName } from './options.ts';

export class TestSyntaxError extends Error {
  override name = 'TestSyntaxError';
}

/** test(1) with `-a`, `-o`, `!` and brackets. @throws TestSyntaxError */
export function evaluateTest(process: Process, args: readonly string[]): boolean {
  // POSIX decides by the number of arguments, so that `[ "$x" = "!" ]` is safe.
  if (args.length === 0) return false;
  if (args.length === 1) return args[0] !== '';
  if (args.length === 3 && isBinary(args[1])) return binary(process, args[0] ?? '', args[1] ?? '', args[2] ?? '');
  if (args.length === 2 && args[0] === '!') return args[1] === '';
  const rest = [...args];
  const result = either(process, rest);
  if (rest.length > 0) throw new TestSyntaxError(`${rest[0] ?? ''}: unexpected operator`);
  return result;
}

function either(process: Process, rest: string[]): boolean {
  let result = both(process, rest);
  while (rest[0] === '-o') {
    rest.shift();
    result = both(process, rest) || result;
  }
  return result;
}

function both(process: Process, rest: string[]): boolean {
  let result = not(process, rest);
  while (rest[0] === '-a') {
    rest.shift();
    result = not(process, rest) && result;
  }
  return result;
}

function not(process: Process, rest: string[]): boolean {
  if (rest[0] === '!' && rest.length > 1) {
    rest.shift();
    return !not(process, rest);
  }
  if (rest[0] === '(' && !isBinary(rest[1])) {
    rest.shift();
    const result = either(process, rest);
    if (rest.shift() !== ')') throw new TestSyntaxError('closing paren expected');
    return result;
  }
  if (isBinary(rest[1]) && rest.length >= 3) {
    const [left = '', operator = '', right = ''] = rest.splice(0, 3);
    return binary(process, left, operator, right);
  }
  const word = rest.shift();
  if (word === undefined) throw new TestSyntaxError('argument expected');
  if (!/^-[a-zA-Z]$/.test(word) || rest.length === 0) return word !== '';
  return unary(process, word, rest.shift() ?? '');
}

const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

function isBinary(word: string | undefined): boolean {
  return word !== undefined && BINARY.has(word);
}

function integer(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestSyntaxError(`${text}: bad number`);
  return BigInt(text.trim().replace(/^\+/, ''));
}

function binary(process: Process, left: string, operator: string, right: string): boolean {
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '-eq':
      return integer(left) === integer(right);
    case '-ne':
      return integer(left) !== integer(right);
    case '-lt':
      return integer(left) < integer(right);
    case '-le':
      return integer(left) <= integer(right);
    case '-gt':
      return integer(left) > integer(right);
    case '-ge':
      return integer(left) >= integer(right);
    case '-nt':
      return modified(process, left) > modified(process, right);
    case '-ot':
      return modified(process, left) < modified(process, right);
    default:
      return pathOf(process, left) === pathOf(process, right);
  }
}

function find(process: Process, path: string, follow = true) {
  try {
    return process.container.files.find(pathOf(process, path), { follow, uid: process.uid });
  } catch (error) {
    if (error instanceof FileError) return null;
    throw error;
  }
}

function modified(process: Process, path: string): number {
  return find(process, path)?.modified ?? 0;
}

function unary(process: Process, operator: string, operand: string): boolean {
  if (operator === '-n') return operand !== '';
  if (operator === '-z') return operand === '';
  if (operator === '-t') return process.isTerminal(Number(operand));
  const node = find(process, operand, operator !== '-L' && operator !== '-h');
  if (node === null) return false;
  switch (operator) {
    case '-e':
      return true;
    case '-f':
      return node.kind === 'file';
    case '-d':
      return node.kind === 'directory';
    case '-L':
    case '-h':
      return node.kind === 'symlink';
    case '-c':
      return node.kind === 'device';
    case '-s':
      return node.kind === 'directory' || (node.kind === 'file' && node.content.length > 0);
    case '-r':
      return allows(node, process.uid, 4);
    case '-w':
      return allows(node, process.uid, 2);
    case '-x':
      return process.uid === 0 ? node.kind === 'directory' || (node.mode & 0o111) !== 0 : allows(node, process.uid, 1);
    default:
      throw new TestSyntaxError(`${operator}: unknown operand`);
  }
}

export const test = tool(async (process) => {
  const args = process.args.slice(1);
  const name = toolName(process);
  try {
    if (name === '[' && args.pop() !== ']') throw new TestSyntaxError('missing ]');
    return evaluateTest(process, args) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestSyntaxError)) throw error;
    await process.printError(`${name}: ${error.message}\n`);
    return 2;
  }
});
