import { ansiText } from '../../shell/ansi-text.ts';

export interface Token {
  kind: 'number' | 'string' | 'regex' | 'name' | 'function-call' | 'keyword' | 'operator' | 'newline' | 'end';
  text: string;
  line: number;
}

/** The program does not parse; `near` is where. */
export class AwkSyntaxError extends Error {
  override name = 'AwkSyntaxError';
  readonly near: string;
  readonly line: number;
  constructor(near: string, line: number) {
    super(`syntax error near ${near}`);
    this.near = near;
    this.line = line;
  }
}

const KEYWORDS = new Set(
  'BEGIN END function func if else while for do break continue next exit return delete in getline print printf'.split(
    ' ',
  ),
);
const OPERATORS = /^(\*\*=|\*\*|\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|&&|\|\||>>|[-+*/%^!<>|?:~$=,;(){}[\]])/;

/** What a slash behind it divides, rather than that it starts a regular expression. */
function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === 'operator') return [')', ']', '$', '++', '--'].includes(token.text);
  return ['number', 'string', 'name', 'regex'].includes(token.kind);
}

/** @throws AwkSyntaxError */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let rest = source;
  let line = 1;
  const take = (length: number): string => {
    const text = rest.slice(0, length);
    rest = rest.slice(length);
    return text;
  };
  for (;;) {
    take(/^([ \t\r]|\\\r?\n|#[^\n]*)*/.exec(rest)?.[0].length ?? 0);
    if (rest === '') break;
    if (rest.startsWith('\n')) {
      take(1);
      tokens.push({ kind: 'newline', text: '\n', line });
      line += 1;
      continue;
    }
    const string = /^"((?:[^"\\\n]|\\.)*)"/s.exec(rest);
    const number = /^(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)/.exec(rest);
    const name = /^[A-Za-z_]\w*/.exec(rest);
    const regex = endsOperand(tokens.at(-1))
      ? null
      : /^\/((?:[^/\\[\n]|\\.|\[\^?\]?(?:\[:\w+:\]|[^\]\n])*\])*)\//.exec(rest);
    if (string !== null) {
      take(string[0].length);
      tokens.push({ kind: 'string', text: ansiText((string[1] ?? '').replaceAll('\\/', '/')), line });
    } else if (number !== null) tokens.push({ kind: 'number', text: take(number[0].length), line });
    else if (name !== null) {
      const text = take(name[0].length);
      const kind = KEYWORDS.has(text) ? 'keyword' : rest.startsWith('(') ? 'function-call' : 'name';
      tokens.push({ kind, text: text === 'func' ? 'function' : text, line });
    } else if (regex !== null) {
      take(regex[0].length);
      tokens.push({ kind: 'regex', text: (regex[1] ?? '').replaceAll('\\/', '/'), line });
    } else {
      const operator = OPERATORS.exec(rest)?.[0];
      if (operator === undefined) throw new AwkSyntaxError(rest.charAt(0), line);
      take(operator.length);
      const text = operator.replace('**', '^');
      tokens.push({ kind: 'operator', text, line });
    }
  }
  tokens.push({ kind: 'newline', text: '\n', line }, { kind: 'end', text: 'end of file', line });
  return tokens;
}
