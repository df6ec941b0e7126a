/**
 * Label and field selectors (k8s.io/apimachinery/pkg/labels/selector.go and pkg/fields/selector.go), errors worded as
 * there.
 */
export type Labels = Readonly<Record<string, string>>;
export type LabelSelector = readonly Requirement[];

interface Requirement {
  key: string;
  operator: 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
  values: readonly string[];
}

/** A selector cannot be read. */
export class SelectorError extends Error {
  override name = 'SelectorError';
}

export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'in':
        return value !== undefined && values.includes(value);
      case 'notin':
        return value === undefined || !values.includes(value);
      case 'exists':
        return value !== undefined;
      case '!':
        return value === undefined;
      case 'gt':
        return value !== undefined && Number(value) > Number(values[0]);
      case 'lt':
        return value !== undefined && Number(value) < Number(values[0]);
    }
  });
}

/** As a workload's `spec.selector` states it. An absent selector matches nothing, an empty one everything. */
export function matchesLabelSelectorObject(
  selector:
    | {
        matchLabels?: Labels;
        matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
      }
    | undefined,
  labels: Labels | undefined,
): boolean {
  if (!selector) return false;
  const requirements: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'in',
    values: [value],
  }));
  const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = operators[operator as keyof typeof operators];
    if (!known) return false;
    requirements.push({ key, operator: known, values: values ?? [] });
  }
  return matchesLabels(requirements, labels);
}

type Token = { text: string; kind: 'word' | 'symbol' | 'end' };

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/gy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const word = match[1] ?? '';
    tokens.push({ text: word, kind: /^[=!<>(),]/.test(word) ? 'symbol' : 'word' });
  }
  tokens.push({ text: '', kind: 'end' });
  return tokens;
}

/** @throws SelectorError with upstream's words. */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokenize(text);
  let at = 0;
  const peek = () => tokens[at] as Token;
  const next = () => {
    const token = tokens[at] as Token;
    if (token.kind !== 'end') at += 1;
    return token;
  };
  const requirements: Requirement[] = [];
  if (peek().kind === 'end') return requirements;
  for (;;) {
    requirements.push(parseRequirement(peek, next));
    const token = next();
    if (token.kind === 'end') return requirements;
    if (token.text !== ',') {
      throw new SelectorError(`found '${token.text}', expected: ',' or 'end of string'`);
    }
    if (peek().kind !== 'word' && peek().text !== '!') {
      throw new SelectorError(`found '${peek().text}', expected: identifier after ','`);
    }
  }
}

function parseRequirement(peek: () => Token, next: () => Token): Requirement {
  if (peek().text === '!' && peek().kind === 'symbol') {
    next();
    return { key: parseKey(next()), operator: '!', values: [] };
  }
  const key = parseKey(next());
  const token = peek();
  if (token.kind === 'end' || token.text === ',') return { key, operator: 'exists', values: [] };
  next();
  switch (token.text) {
    case '=':
    case '==':
    case '!=': {
      const value = peek();
      if (value.kind === 'end' || value.text === ',') {
        return { key, operator: token.text === '!=' ? 'notin' : 'in', values: [''] };
      }
      if (value.kind !== 'word') throw new SelectorError(`found '${value.text}', expected: identifier`);
      next();
      checkValue(key, value.text);
      return { key, operator: token.text === '!=' ? 'notin' : 'in', values: [value.text] };
    }
    case '>':
    case '<': {
      const value = next();
      if (!/^-?\d+$/.test(value.text)) {
        throw new SelectorError(
          `values[0][${key}]: Invalid value: ${JSON.stringify(value.text)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
      }
      return { key, operator: token.text === '>' ? 'gt' : 'lt', values: [value.text] };
    }
    case 'in':
    case 'notin':
      return { key, operator: token.text, values: parseValues(peek, next) };
    default:
      throw new SelectorError(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
  }
}

function parseValues(peek: () => Token, next: () => Token): string[] {
  const open = next();
  if (open.text !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
  const values: string[] = [];
  for (;;) {
    const token = next();
    if (token.kind === 'end') throw new SelectorError(`found '', expected: ',', ')' or identifier`);
    if (token.text === ')') return values.length > 0 ? values : [''];
    if (token.text === ',') {
      if (peek().text === ')' || peek().text === ',') values.push('');
    } else if (token.kind === 'word') {
      values.push(token.text);
    } else {
      throw new SelectorError(`found '${token.text}', expected: ',', ')' or identifier`);
    }
  }
}

function parseKey(token: Token): string {
  if (token.kind !== 'word') {
    throw new SelectorError(`found '${token.text}', expected: identifier`);
  }
  return token.text;
}

function checkValue(key: string, value: string): void {
  if (value.length > 63 || !/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) {
    throw new SelectorError(
      `values[0][${key}]: Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    );
  }
}

export type FieldSelector = readonly { field: string; value: string; equal: boolean }[];

/** @throws SelectorError with upstream's words. */
export function parseFieldSelector(text: string): FieldSelector {
  if (text.trim() === '') return [];
  return text.split(/(?<!\\),/).map((term) => {
    const match = /^(.*?)(==|!=|=)(.*)$/s.exec(term);
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    const value = (match[3] ?? '').replace(/\\([\\,=])/g, '$1');
    return { field: match[1] ?? '', value, equal: match[2] !== '!=' };
  });
}
