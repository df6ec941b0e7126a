/** Variables as `$((…))` sees them. */
export interface ArithmeticVariables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** The message is what shells say after the expression. */
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

/** Evaluates C's integer expressions in 64 bits. @throws ArithmeticError */
export function evaluateArithmetic(expression: string, variables: ArithmeticVariables): bigint {
  const tokens = tokenize(expression);
  if (tokens.length === 0) return 0n;
  const parser = new Evaluator(tokens, variables);
  return parser.all();
}

function tokenize(expression: string): string[] {
  const tokens: string[] = [];
  const pattern =
    /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|\+\+|--|[-+*/%&|^]=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>=!~&|^()?:,])/y;
  let end = 0;
  for (let match = pattern.exec(expression); match !== null; match = pattern.exec(expression)) {
    tokens.push(match[1] ?? '');
    end = pattern.lastIndex;
  }
  if (expression.slice(end).trim() !== '') throw new ArithmeticError('syntax error');
  return tokens;
}

class Evaluator {
  readonly #tokens: string[];
  readonly #variables: ArithmeticVariables;
  #index = 0;
  #depth = 0;
  /** Above 0 in the branch of `&&`, `||` and `?:` that does not count: nothing is assigned or divided there. */
  #skipping = 0;

  constructor(tokens: string[], variables: ArithmeticVariables) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  all(): bigint {
    const value = this.#comma();
    if (this.#index < this.#tokens.length) throw new ArithmeticError('syntax error');
    return value;
  }

  #comma(): bigint {
    let value = this.#assignment();
    while (this.#take(',')) value = this.#assignment();
    return value;
  }

  #assignment(): bigint {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new ArithmeticError('expression recursion level exceeded');
    try {
      const name = this.#tokens[this.#index] ?? '';
      const operator = this.#tokens[this.#index + 1] ?? '';
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
    if (!this.#take(':')) throw new ArithmeticError('syntax error');
    const no = this.#branch(condition === 0n, () => this.#assignment());
    return condition === 0n ? no : yes;
  }

  #binary(level: number): bigint {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => candidate === this.#tokens[this.#index]);
      if (operator === undefined) return left;
      this.#index += 1;
      if (operator === '&&' || operator === '||') {
        const counts = (operator === '&&') === (left !== 0n);
        const right = this.#branch(counts, () => this.#binary(level + 1));
        left = counts ? BigInt(right !== 0n) : BigInt(left !== 0n);
      } else left = this.#apply(operator, left, this.#binary(level + 1));
    }
  }

  #unary(): bigint {
    const token = this.#tokens[this.#index] ?? '';
    if (token === '-' || token === '+' || token === '!' || token === '~') {
      this.#index += 1;
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw new ArithmeticError('expression recursion level exceeded');
      const value = this.#unary();
      this.#depth -= 1;
      return token === '-' ? -value : token === '!' ? BigInt(value === 0n) : token === '~' ? ~value : value;
    }
    if (token === '++' || token === '--') {
      const name = this.#tokens[this.#index + 1] ?? '';
      if (!/^[A-Za-z_]/.test(name)) throw new ArithmeticError('syntax error');
      this.#index += 2;
      const value = this.#variable(name) + (token === '++' ? 1n : -1n);
      this.#assign(name, value);
      return value;
    }
    return this.#primary();
  }

  #primary(): bigint {
    const token = this.#tokens[this.#index] ?? '';
    this.#index += 1;
    if (token === '(') {
      const value = this.#comma();
      if (!this.#take(')')) throw new ArithmeticError('syntax error');
      return value;
    }
    if (/^\d/.test(token)) return parseInteger(token);
    if (!/^[A-Za-z_]/.test(token)) throw new ArithmeticError('syntax error');
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

  #apply(operator: string, left: bigint, right: bigint): bigint {
    if ((operator === '/' || operator === '%') && right === 0n) {
      if (this.#skipping > 0) return 0n;
      throw new ArithmeticError('divide by zero');
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
    if (/^[A-Za-z_]\w*$/.test(text) && text !== name && this.#depth < MAX_DEPTH) {
      this.#depth += 1;
      const value = this.#variable(text);
      this.#depth -= 1;
      return value;
    }
    throw new ArithmeticError(`bad number '${text}'`);
  }

  #assign(name: string, value: bigint): void {
    if (this.#skipping === 0) this.#variables.set(name, String(value));
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#index] !== token) return false;
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
      throw new ArithmeticError('syntax error');
  }
}

function parseInteger(text: string): bigint {
  if (/^0[0-7]+$/.test(text)) return BigInt.asIntN(64, BigInt(`0o${text.slice(1)}`));
  if (/^0\d+$/.test(text)) throw new ArithmeticError(`bad number '${text}'`);
  return BigInt.asIntN(64, BigInt(text));
}
