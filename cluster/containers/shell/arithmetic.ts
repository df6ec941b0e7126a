import type { Dialect } from './dialect.ts';

/** Variables as `$((…))` sees them. */
export interface ArithmeticVariables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** The message is complete but for the shell's name. */
export class ArithmeticError extends Error {
  override name = 'ArithmeticError';
}

const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const MAX_DEPTH = 100;

/** Evaluates C's integer expressions in 64 bits. @throws ArithmeticError worded for the dialect */
export function evaluateArithmetic(expression: string, variables: ArithmeticVariables, dialect: Dialect): bigint {
  try {
    const tokens = tokenize(expression);
    if (tokens.length === 0) return 0n;
    return new Evaluator(tokens, variables, dialect).all();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new ArithmeticError(worded(error, expression, dialect));
  }
}

/** What is wrong, and the rest of the expression from where it is. */
class Failure extends Error {
  readonly kind: 'operand' | 'rest' | 'division' | 'number' | 'depth';
  readonly rest: string;
  constructor(kind: Failure['kind'], rest = '') {
    super(kind);
    this.kind = kind;
    this.rest = rest;
  }
}

function worded({ kind, rest }: Failure, expression: string, dialect: Dialect): string {
  if (dialect === 'ash') {
    return (
      { division: 'divide by zero', depth: 'expression recursion loop detected' }[kind as string] ??
      'arithmetic syntax error'
    );
  }
  if (dialect === 'dash') {
    if (kind === 'number') return `Illegal number: ${rest}`;
    const what = { division: 'division by zero', operand: 'expecting primary' }[kind as string] ?? 'expecting EOF';
    return `arithmetic expression: ${what}: "${expression}"`;
  }
  const what = {
    operand: 'syntax error: operand expected',
    rest: 'syntax error in expression',
    division: 'division by 0',
    number: 'value too great for base',
    depth: 'expression recursion level exceeded',
  }[kind];
  return `${expression.trimStart()}: ${what} (error token is "${rest}")`;
}

interface Token {
  text: string;
  /** The expression from here on. */
  rest: string;
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|\+\+|--|[-+*/%&|^]=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>=!~&|^()?:,])/y;
  let end = 0;
  for (let match = pattern.exec(expression); match !== null; match = pattern.exec(expression)) {
    tokens.push({ text: match[1] ?? '', rest: expression.slice(pattern.lastIndex - (match[1] ?? '').length) });
    end = pattern.lastIndex;
  }
  if (expression.slice(end).trim() !== '') throw new Failure('operand', expression.slice(end).trim());
  return tokens;
}

class Evaluator {
  readonly #tokens: Token[];
  readonly #dialect: Dialect;
  readonly #variables: ArithmeticVariables;
  #index = 0;
  #depth = 0;
  /** Above 0 in the branch of `&&`, `||` and `?:` that does not count: nothing is assigned or divided there. */
  #skipping = 0;

  constructor(tokens: Token[], variables: ArithmeticVariables, dialect: Dialect) {
    this.#tokens = tokens;
    this.#dialect = dialect;
    this.#variables = variables;
  }

  all(): bigint {
    const value = this.#comma();
    if (this.#index < this.#tokens.length) throw new Failure('rest', this.#tokens[this.#index]?.rest);
    return value;
  }

  /** The text of the token that is looked at; empty at the end. */
  #text(offset = 0): string {
    return this.#tokens[this.#index + offset]?.text ?? '';
  }

  #comma(): bigint {
    let value = this.#assignment();
    while (this.#take(',')) value = this.#assignment();
    return value;
  }

  #assignment(): bigint {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Failure('depth');
    try {
      const name = this.#text();
      const operator = this.#text(1);
      if (/^[A-Za-z_]/.test(name) && /^(=|[-+*/%&|^]=|<<=|>>=)$/.test(operator)) {
        this.#index += 2;
        const right = this.#assignment();
        const value = operator === '=' ? right : this.#apply(operator.slice(0, -1), this.#variable(name), right);
        this.#assign(name, value);
        return value;
      }
      return this.#conditional();
    } finally {
      this.#depth -= 1;
    }
  }

  #conditional(): bigint {
    const condition = this.#binary(0);
    if (!this.#take('?')) return condition;
    const yes = this.#branch(condition !== 0n, () => this.#assignment());
    if (!this.#take(':')) throw new Failure('operand');
    const no = this.#branch(condition === 0n, () => this.#assignment());
    return condition === 0n ? no : yes;
  }

  #binary(level: number): bigint {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => candidate === this.#text());
      if (operator === undefined) return left;
      this.#index += 1;
      if (operator === '&&' || operator === '||') {
        const counts = (operator === '&&') === (left !== 0n);
        const right = this.#branch(counts, () => this.#binary(level + 1));
        left = counts ? BigInt(right !== 0n) : BigInt(left !== 0n);
      } else {
        const { rest } = this.#tokens[this.#index] ?? { rest: '' };
        left = this.#apply(operator, left, this.#binary(level + 1), rest);
      }
    }
  }

  #unary(): bigint {
    const token = this.#text();
    if (token === '-' || token === '+' || token === '!' || token === '~') {
      this.#index += 1;
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw new Failure('depth');
      const value = this.#unary();
      this.#depth -= 1;
      return token === '-' ? -value : token === '!' ? BigInt(value === 0n) : token === '~' ? ~value : value;
    }
    if (token === '++' || token === '--') {
      const name = this.#text(1);
      if (!/^[A-Za-z_]/.test(name)) throw new Failure('operand', this.#tokens[this.#index]?.rest);
      this.#index += 2;
      const value = this.#variable(name) + (token === '++' ? 1n : -1n);
      this.#assign(name, value);
      return value;
    }
    return this.#primary();
  }

  #primary(): bigint {
    const token = this.#text();
    const { rest = '' } = this.#tokens[this.#index] ?? this.#tokens.at(-1) ?? {};
    this.#index += 1;
    if (token === '(') {
      const value = this.#comma();
      if (!this.#take(')')) throw new Failure('operand');
      return value;
    }
    if (/^\d/.test(token)) return parseInteger(token);
    if (!/^[A-Za-z_]/.test(token)) throw new Failure('operand', rest);
    const value = this.#variable(token);
    for (const operator of ['++', '--']) {
      if (this.#take(operator)) this.#assign(token, value + (operator === '++' ? 1n : -1n));
    }
    return value;
  }

  #branch(counts: boolean, evaluate: () => bigint): bigint {
    if (counts) return evaluate();
    this.#skipping += 1;
    const value = evaluate();
    this.#skipping -= 1;
    return value;
  }

  #apply(operator: string, left: bigint, right: bigint, rest = ''): bigint {
    if ((operator === '/' || operator === '%') && right === 0n) {
      if (this.#skipping > 0) return 0n;
      throw new Failure('division', rest);
    }
    return BigInt.asIntN(64, calculate(operator, left, right));
  }

  #variable(name: string): bigint {
    const text = this.#variables.get(name)?.trim() ?? '';
    if (text === '') return 0n;
    if (/^[-+]?(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) {
      const value = parseInteger(text.replace(/^[-+]/, ''));
      return text.startsWith('-') ? -value : value;
    }
    // dash takes numbers alone, the others whatever is an expression.
    if (this.#dialect === 'dash') throw new Failure('number', text);
    if (this.#depth >= MAX_DEPTH || text === name) throw new Failure('depth', text);
    this.#depth += 1;
    const inner = new Evaluator(tokenize(text), this.#variables, this.#dialect);
    inner.#depth = this.#depth;
    const value = inner.all();
    this.#depth -= 1;
    return value;
  }

  #assign(name: string, value: bigint): void {
    if (this.#skipping === 0) this.#variables.set(name, String(value));
  }

  #take(token: string): boolean {
    if (this.#text() !== token) return false;
    this.#index += 1;
    return true;
  }
}

function calculate(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '&':
      return left & right;
    case '==':
      return BigInt(left === right);
    case '!=':
      return BigInt(left !== right);
    case '<=':
      return BigInt(left <= right);
    case '>=':
      return BigInt(left >= right);
    case '<':
      return BigInt(left < right);
    case '>':
      return BigInt(left > right);
    case '<<':
      return left << (right & 63n);
    case '>>':
      return left >> (right & 63n);
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    default:
      throw new Failure('operand');
  }
}

function parseInteger(text: string): bigint {
  if (/^0[0-7]+$/.test(text)) return BigInt.asIntN(64, BigInt(`0o${text.slice(1)}`));
  if (/^0\d+$/.test(text)) throw new Failure('number', text);
  return BigInt.asIntN(64, BigInt(text));
}
