import type { Redirect } from '../ast.ts';
import { REDIRECTIONS } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** The redirections behind a command, in order. */
export function readRedirects(tokens: TokenStream): Redirect[] {
  const redirects: Redirect[] = [];
  for (let redirect = readRedirect(tokens); redirect !== null; redirect = readRedirect(tokens))
    redirects.push(redirect);
  return redirects;
}

/** The next redirection, or null when there is none. */
export function readRedirect(tokens: TokenStream): Redirect | null {
  let token = tokens.peek();
  let descriptor: number | null = null;
  if (token.kind === 'io-number') {
    descriptor = Number(token.text);
    tokens.next();
    token = tokens.peek();
  }
  if (token.kind !== 'operator' || !REDIRECTIONS.has(token.text)) return null;
  tokens.next();
  const operator = token.text;
  if (tokens.cursor.dialect === 'bash' && tokens.isOperator('(') && (operator === '<' || operator === '>')) {
    tokens.cursor.notSimulated('process substitution is');
  }
  const target = tokens.next();
  if (target.kind !== 'word') tokens.missing(target);
  descriptor ??= operator.startsWith('<') ? 0 : 1;
  switch (operator) {
    case '<<':
    case '<<-':
      return tokens.hereDocuments.expect(target.word, descriptor, operator === '<<-');
    case '<<<':
      return { kind: 'here', descriptor, body: [...target.word, { kind: 'text', text: '\n', quoted: true }] };
    case '<&':
    case '>&':
      return { kind: 'duplicate', descriptor, operator, target: target.word };
    default:
      return { kind: 'file', descriptor, operator: operator as '<', target: target.word };
  }
}
