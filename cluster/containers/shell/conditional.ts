import type { Process } from '../process/process.ts';
import { compilePattern } from '../programs/regular-expression.ts';
import { evaluateTest, isUnaryOperator, type TestDialect } from '../programs/test.ts';
import { evaluateArithmetic, type ArithmeticVariables } from './arithmetic.ts';
import type { Word } from './ast.ts';
import { plainText } from './parsing/token.ts';
import { matchesPattern } from './pattern.ts';

/** What `[[ … ]]` needs of the shell. */
export interface ConditionalContext {
  process: Process;
  dialect: TestDialect;
  variables: ArithmeticVariables;
  toText(word: Word): Promise<string>;
  toPattern(word: Word): Promise<string>;
}

/** `[[ … ]]` is no test; the message is what bash says. */
export class ConditionalError extends Error {
  override name = 'ConditionalError';
}

const COMPARISONS = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);

/** Evaluates the inside of `[[ … ]]`. @throws ConditionalError, TestSyntaxError, ArithmeticError */
export async function evaluateConditional(
  items: readonly (Word | string)[],
  context: ConditionalContext,
): Promise<boolean> {
  const rest = [...items];
  const result = await either(rest, context);
  const [left] = rest;
  if (left !== undefined) throw new ConditionalError('syntax error in conditional expression');
  return result;
}

async function either(rest: (Word | string)[], context: ConditionalContext): Promise<boolean> {
  let result = await both(rest, context);
  while (rest[0] === '||') {
    rest.shift();
    result = (await both(rest, context)) || result;
  }
  return result;
}

async function both(rest: (Word | string)[], context: ConditionalContext): Promise<boolean> {
  let result = await one(rest, context);
  while (rest[0] === '&&') {
    rest.shift();
    result = (await one(rest, context)) && result;
  }
  return result;
}

async function one(rest: (Word | string)[], context: ConditionalContext): Promise<boolean> {
  const first = rest.shift();
  if (first === '(') {
    const result = await either(rest, context);
    if (rest.shift() !== ')') throw new ConditionalError('syntax error in conditional expression');
    return result;
  }
  if (first === undefined || typeof first === 'string') {
    throw new ConditionalError('syntax error in conditional expression');
  }
  if (plainText(first) === '!') return !(await one(rest, context));
  const operator = operatorOf(rest[0]);
  if (operator !== null && rest[1] !== undefined && typeof rest[1] !== 'string') {
    rest.shift();
    return compare(first, operator, rest.shift() as Word, context);
  }
  const unary = plainText(first);
  const [operand] = rest;
  if (unary !== undefined && isUnaryOperator(unary) && operand !== undefined && typeof operand !== 'string') {
    rest.shift();
    return evaluateTest(context.process, [unary, await context.toText(operand)], context.dialect);
  }
  return (await context.toText(first)) !== '';
}

function operatorOf(item: Word | string | undefined): string | null {
  const text = typeof item === 'string' ? item : plainText(item);
  if (text === undefined) return null;
  return /^(=|==|!=|=~|<|>|-nt|-ot|-ef)$/.test(text) || COMPARISONS.has(text) ? text : null;
}

async function compare(left: Word, operator: string, right: Word, context: ConditionalContext): Promise<boolean> {
  const text = await context.toText(left);
  switch (operator) {
    case '=':
    case '==':
      return matchesPattern(await context.toPattern(right), text);
    case '!=':
      return !matchesPattern(await context.toPattern(right), text);
    case '=~': {
      const options = { extended: true, ignoreCase: false, fixed: false };
      return compilePattern('[[', await context.toText(right), options).match(text) !== null;
    }
    default:
  }
  const other = await context.toText(right);
  if (!COMPARISONS.has(operator)) return evaluateTest(context.process, [text, operator, other], context.dialect);
  // Both sides are expressions here.
  const number = (expression: string): string =>
    String(evaluateArithmetic(expression, context.variables, context.dialect === 'ash' ? 'ash' : 'bash'));
  return evaluateTest(context.process, [number(text), operator, number(other)], context.dialect);
}
