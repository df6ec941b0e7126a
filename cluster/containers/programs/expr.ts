import type { Program } from '../process/process.ts';
import { isGnu } from './options.ts';
import { compilePattern } from './regular-expression.ts';

/** The expression is wrong; status 2. */
class ExpressionError extends Error {
  override name = 'ExpressionError';
}

const COMPARISONS = ['=', '==', '!=', '<', '<=', '>', '>='];

/** Arguments as one expression of expr(1): `| & = < + - * / % ( )`, `length`, `substr`, `index`. and `:`. */
class Expression {
  readonly #words: string[];
  readonly #last: string;

  constructor(words: readonly string[]) {
    this.#words = [...words];
    this.#last = words.at(-1) ?? '';
  }

  value(): string {
    const result = this.#or();
    if (this.#words.length > 0)
      throw new ExpressionError(`syntax error: unexpected argument '${this.#words[0] ?? ''}'`);
    return result;
  }

  #or(): string {
    let left = this.#and();
    while (this.#take('|')) {
      const right = this.#and();
      left = isTrue(left) ? left : isTrue(right) ? right : '0';
    }
    return left;
  }

  #and(): string {
    let left = this.#compare();
    while (this.#take('&')) {
      const right = this.#compare();
      left = isTrue(left) && isTrue(right) ? left : '0';
    }
    return left;
  }

  #compare(): string {
    let left = this.#sum();
    while (COMPARISONS.includes(this.#words[0] ?? '')) {
      const operator = this.#words.shift() ?? '';
      const right = this.#sum();
      const numeric = isInteger(left) && isInteger(right);
      const order = numeric ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
      const holds = {
        '=': order === 0,
        '==': order === 0,
        '!=': order !== 0,
        '<': order < 0,
        '<=': order <= 0,
        '>': order > 0,
        '>=': order >= 0,
      }[operator];
      left = holds === true ? '1' : '0';
    }
    return left;
  }

  #sum(): string {
    let left = this.#product();
    while (this.#words[0] === '+' || this.#words[0] === '-') {
      const sign = this.#words.shift() === '+' ? 1 : -1;
      left = String(integer(left) + sign * integer(this.#product()));
    }
    return left;
  }

  /** `TEXT : PATTERN`, from the text's start on: the first group, else how much matches. */
  #match(): string {
    let left = this.#primary();
    while (this.#take(':')) {
      const source = this.#primary();
      const pattern = compilePattern('expr', `^${source.replace(/^\^/, '')}`, {
        extended: false,
        ignoreCase: false,
        fixed: false,
      });
      const match = pattern.match(left);
      const hasGroup = /\\\(/.test(source);
      left = hasGroup ? (match?.groups[1] ?? '') : String(match === null ? 0 : match.end - match.start);
    }
    return left;
  }

  #product(): string {
    let left = this.#match();
    while (['*', '/', '%'].includes(this.#words[0] ?? '')) {
      const operator = this.#words.shift();
      const [a, b] = [integer(left), integer(this.#match())];
      if (operator !== '*' && b === 0) throw new ExpressionError('division by zero');
      left = String(operator === '*' ? a * b : operator === '/' ? Math.trunc(a / b) : a % b);
    }
    return left;
  }

  #primary(): string {
    if (this.#take('(')) {
      const inner = this.#or();
      if (!this.#take(')')) throw new ExpressionError('syntax error: expecting )');
      return inner;
    }
    const word = this.#words.shift();
    if (word === undefined) throw new ExpressionError(`syntax error: missing argument after '${this.#last}'`);
    if (word === 'length' && this.#words.length > 0) return String([...this.#match()].length);
    if (word === 'index' && this.#words.length > 1) {
      const [text, characters] = [this.#match(), this.#match()];
      return String([...text].findIndex((one) => characters.includes(one)) + 1);
    }
    if (word === 'substr' && this.#words.length > 2) {
      const [text, from, length] = [this.#match(), integer(this.#match()), integer(this.#match())];
      return from < 1 || length < 1 ? '' : [...text].slice(from - 1, from - 1 + length).join('');
    }
    return word;
  }

  #take(word: string): boolean {
    if (this.#words[0] !== word) return false;
    this.#words.shift();
    return true;
  }
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function integer(text: string): number {
  if (!isInteger(text)) throw new ExpressionError('non-integer argument');
  return Number(text);
}

function isTrue(text: string): boolean {
  return text !== '' && !/^-?0+$/.test(text);
}

/** Status 0 for a value that is neither empty nor 0, 1 for one that is, 2 for what is no expression. */
export const expr: Program = async (process) => {
  const words = process.args.slice(1);
  if (words.length === 0) {
    await process.printError(
      isGnu(process) ? "expr: missing operand\nTry 'expr --help' for more information.\n" : 'expr: too few arguments\n',
    );
    return 2;
  }
  try {
    const value = new Expression(words).value();
    await process.print(`${value}\n`);
    return isTrue(value) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const busybox = error.message.replace(/^syntax error.*/, 'syntax error').replace('non-integer', 'non-numeric');
    await process.printError(`expr: ${isGnu(process) ? error.message : busybox}\n`);
    return 2;
  }
};
