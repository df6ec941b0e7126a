import { FileError, allows } from '../files/file-system.ts';
import type { Process } from '../process/process.ts';
import { tool, pathOf } from './tool.ts';
import { isGnu, toolName } from './options.ts';

export class TestSyntaxError extends Error {
  override name = 'TestSyntaxError';
}

/** Whose test it is; Debian's program speaks as bash does. */
export type TestDialect = 'ash' | 'dash' | 'bash';

/** test(1) with `-a`, `-o`, `!` and brackets. @throws TestSyntaxError worded for the dialect */
export function evaluateTest(process: Process, args: readonly string[], dialect: TestDialect): boolean {
  try {
    return evaluate(process, args, dialect);
  } catch (error) {
    if (!(error instanceof TestFailure)) throw error;
    throw new TestSyntaxError(worded(error, args, dialect));
  }
}

/** What is wrong, and the word that is. */
class TestFailure extends Error {
  readonly kind: 'left' | 'number' | 'argument' | 'paren';
  readonly word: string;
  constructor(kind: TestFailure['kind'], word: string) {
    super(kind);
    this.kind = kind;
    this.word = word;
  }
}

function worded({ kind, word }: TestFailure, args: readonly string[], dialect: TestDialect): string {
  if (kind === 'number') {
    return {
      ash: `${word}: bad number`,
      dash: `Illegal number: ${word}`,
      bash: `${word}: integer expression expected`,
    }[dialect];
  }
  if (kind === 'paren') return dialect === 'bash' ? "`)' expected" : 'closing paren expected';
  if (dialect === 'bash') {
    if (args.length === 2) return `${args[0] ?? ''}: unary operator expected`;
    return args.length === 3 ? `${args[1] ?? ''}: binary operator expected` : 'too many arguments';
  }
  if (kind === 'argument') return `${word}: argument expected`;
  if (dialect === 'ash') return `${word}: unknown operand`;
  // dash names the word before.
  return `${args[args.lastIndexOf(word) - 1] ?? word}: unexpected operator`;
}

function evaluate(process: Process, args: readonly string[], dialect: TestDialect): boolean {
  // POSIX decides by the number of arguments, so that `[ "$x" = "!" ]` is safe.
  if (args.length === 0) return false;
  if (args.length === 1) return args[0] !== '';
  if (args.length === 3 && isBinary(args[1]))
    return binary(process, args[0] ?? '', args[1] ?? '', args[2] ?? '', dialect);
  if (args.length === 2 && args[0] === '!') return args[1] === '';
  const rest = [...args];
  const result = either(process, rest, dialect);
  if (rest.length > 0) throw new TestFailure('left', rest[0] ?? '');
  return result;
}

function either(process: Process, rest: string[], dialect: TestDialect): boolean {
  let result = both(process, rest, dialect);
  while (rest[0] === '-o') {
    rest.shift();
    result = both(process, rest, dialect) || result;
  }
  return result;
}

function both(process: Process, rest: string[], dialect: TestDialect): boolean {
  let result = not(process, rest, dialect);
  while (rest[0] === '-a') {
    rest.shift();
    result = not(process, rest, dialect) && result;
  }
  return result;
}

function not(process: Process, rest: string[], dialect: TestDialect): boolean {
  if (rest[0] === '!' && rest.length > 1) {
    rest.shift();
    return !not(process, rest, dialect);
  }
  if (rest[0] === '(' && !isBinary(rest[1])) {
    rest.shift();
    const result = either(process, rest, dialect);
    if (rest.shift() !== ')') throw new TestFailure('paren', '');
    return result;
  }
  if (isBinary(rest[1]) && rest.length >= 3) {
    const [left = '', operator = '', right = ''] = rest.splice(0, 3);
    return binary(process, left, operator, right, dialect);
  }
  if (isBinary(rest[1]) && rest.length === 2) throw new TestFailure('argument', rest[1] ?? '');
  const word = rest.shift();
  if (word === undefined) throw new TestFailure('argument', '');
  if (!isUnaryOperator(word) || rest.length === 0) return word !== '';
  return unary(process, word, rest.shift() ?? '');
}

const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

/** Those that ask one thing of a string or a file. */
export function isUnaryOperator(word: string): boolean {
  return /^-[bcdefghkLnoprsStuwxzGNO]$/.test(word);
}

function isBinary(word: string | undefined): boolean {
  return word !== undefined && BINARY.has(word);
}

function integer(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestFailure('number', text);
  return BigInt(text.trim().replace(/^\+/, ''));
}

function binary(process: Process, left: string, operator: string, right: string, dialect: TestDialect): boolean {
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
    case '-ot': {
      const [one, other] = [find(process, left), find(process, right)];
      // To bash what is not there is older.
      if (one === null || other === null) return dialect === 'bash' && (operator === '-nt' ? one : other) !== null;
      return operator === '-nt' ? one.modified > other.modified : one.modified < other.modified;
    }
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
      // Pipes, sockets and the bits that nothing here has.
      return false;
  }
}

export const test = tool(async (process) => {
  const args = process.args.slice(1);
  const name = toolName(process);
  const dialect = isGnu(process) ? 'bash' : 'ash';
  try {
    if (name === '[' && args.pop() !== ']') throw new TestSyntaxError(dialect === 'ash' ? 'missing ]' : "missing ']'");
    return evaluateTest(process, args, dialect) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestSyntaxError)) throw error;
    await process.printError(`${name}: ${error.message}\n`);
    return 2;
  }
});
