import { UsageError } from '../options.ts';
import { checkLength } from './limits.ts';
import { compareValues, toNumber, toText, type Value } from './values.ts';

/**
 * What an operator between two values makes of them: a space joins texts, comparisons are 0 or 1, the others calculate.
 * @throws UsageError for a division by zero or a text that is too long
 */
export function combine(operator: string, left: Value, right: Value): Value {
  if (operator === ' ') {
    const text = toText(left) + toText(right);
    checkLength(text);
    return text;
  }
  const order = /[<>=!]/.test(operator) ? compareValues(left, right) : 0;
  switch (operator) {
    case '<':
      return Number(order < 0);
    case '<=':
      return Number(order <= 0);
    case '==':
      return Number(order === 0);
    case '!=':
      return Number(order !== 0);
    case '>':
      return Number(order > 0);
    case '>=':
      return Number(order >= 0);
    default:
      return calculate(operator, toNumber(left), toNumber(right));
  }
}

/** @throws UsageError for a division by zero */
export function calculate(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw new UsageError('awk: division by zero\n', 2);
      return left / right;
    case '%':
      if (right === 0) throw new UsageError('awk: division by zero\n', 2);
      return left % right;
    default:
      return left ** right;
  }
}
