/**
 * Expressions by which Telemetry picks what is logged, as `response.code >= 400`: of the Common Expression Language the
 * operators `|| && ! == != < <= > >= in`, `has()`, and `contains`, `startsWith`, `endsWith` and `matches` of texts; of
 * Envoy's attributes those that an entry of the log knows. As in Envoy, an expression that fails admits nothing.
 */
import type { AccessLogEntry } from './access-log.ts';

export type LogFilter = (entry: AccessLogEntry) => boolean;

type Value = string | number | boolean | readonly Value[];
type Expression = (entry: AccessLogEntry) => Value;

/** Envoy, source/extensions/filters/common/expr/context.cc. Undefined: there is none for this entry. */
const ATTRIBUTES: Readonly<Record<string, (entry: AccessLogEntry) => Value | undefined>> = {
  'request.method': ({ method }) => method,
  'request.path': ({ path }) => path,
  'request.url_path': ({ path }) => path?.replace(/\?.*$/s, ''),
  'request.host': ({ authority }) => authority,
  'request.useragent': ({ userAgent }) => userAgent,
  'request.id': ({ requestId }) => requestId,
  'request.protocol': ({ protocol }) => protocol,
  'request.size': ({ bytesReceived }) => bytesReceived,
  'response.code': ({ status, method }) => (method === undefined ? undefined : status),
  'response.code_details': ({ details }) => details,
  'response.size': ({ bytesSent }) => bytesSent,
  'connection.mtls': ({ peerUri }) => peerUri !== undefined && peerUri !== null,
  'connection.requested_server_name': ({ serverName }) => serverName ?? undefined,
  'upstream.address': ({ upstreamHost }) => upstreamHost,
  'upstream.transport_failure_reason': ({ transportFailure }) => transportFailure ?? '',
  'xds.cluster_name': ({ upstreamCluster }) => upstreamCluster,
  'xds.route_name': ({ route }) => route,
};

class ExpressionFailed extends Error {
  override name = 'ExpressionFailed';
}

export function parseLogFilter(text: string): LogFilter {
  let expression: Expression;
  try {
    expression = new Parser(text).parse();
  } catch (error) {
    if (!(error instanceof ExpressionFailed)) throw error;
    return () => false;
  }
  return (entry) => {
    try {
      return expression(entry) === true;
    } catch (error) {
      if (!(error instanceof ExpressionFailed)) throw error;
      return false;
    }
  };
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|[<>!()[\],.]))/y;

interface Token {
  kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  text: string;
}

const END: Token = { kind: 'end', text: '' };

const METHODS: Readonly<Record<string, (text: string, other: string) => boolean>> = {
  contains: (text, other) => text.includes(other),
  startsWith: (text, other) => text.startsWith(other),
  endsWith: (text, other) => text.endsWith(other),
  matches: (text, other) => patternOf(other).test(text),
};

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new ExpressionFailed(`no pattern: ${text}`);
  }
}

class Parser {
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (text.slice(TOKEN.lastIndex).trim() !== '') {
      const [whole, number, quoted, name, sign] = TOKEN.exec(text) ?? [];
      if (whole === undefined) throw new ExpressionFailed(`cannot read ${text}`);
      if (number !== undefined) this.#tokens.push({ kind: 'number', text: number });
      else if (quoted !== undefined) {
        this.#tokens.push({ kind: 'text', text: quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1') });
      } else if (name !== undefined) this.#tokens.push({ kind: 'name', text: name });
      else this.#tokens.push({ kind: 'sign', text: sign ?? '' });
    }
  }

  parse(): Expression {
    const expression = this.#or();
    if (this.#next.kind !== 'end') throw new ExpressionFailed(`unexpected ${this.#next.text}`);
    return expression;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? END;
  }

  #take(text: string): boolean {
    if (this.#next.text !== text || this.#next.kind === 'text') return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new ExpressionFailed(`expected ${text}`);
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||')) {
      const [one, other] = [left, this.#and()];
      left = (entry) => decided(true, one, other, entry);
    }
    return left;
  }

  #and(): Expression {
    let left = this.#relation();
    while (this.#take('&&')) {
      const [one, other] = [left, this.#relation()];
      left = (entry) => decided(false, one, other, entry);
    }
    return left;
  }

  #relation(): Expression {
    const left = this.#unary();
    const sign = ['==', '!=', '<=', '>=', '<', '>', 'in'].find((each) => this.#take(each));
    if (sign === undefined) return left;
    const right = this.#unary();
    return (entry) => compare(sign, left(entry), right(entry));
  }

  #unary(): Expression {
    if (!this.#take('!')) return this.#member();
    const value = this.#unary();
    return (entry) => value(entry) !== true;
  }

  #member(): Expression {
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return this.#methods(inner);
    }
    if (this.#take('[')) {
      const items: Expression[] = [];
      while (!this.#take(']')) {
        items.push(this.#or());
        if (this.#next.text !== ']') this.#expect(',');
      }
      return (entry) => items.map((item) => item(entry));
    }
    const token = this.#next;
    this.#at += 1;
    if (token.kind === 'number') return () => Number(token.text);
    if (token.kind === 'text') return this.#methods(() => token.text);
    if (token.kind !== 'name') throw new ExpressionFailed(`unexpected ${token.text || 'end'}`);
    if (token.text === 'true' || token.text === 'false') return () => token.text === 'true';
    if (token.text === 'has') {
      this.#expect('(');
      const read = this.#attribute(this.#name());
      this.#expect(')');
      return (entry) => read(entry) !== undefined;
    }
    const read = this.#attribute(token.text);
    return this.#methods((entry) => {
      const value = read(entry);
      if (value === undefined) throw new ExpressionFailed('no such key');
      return value;
    });
  }

  #name(): string {
    const { kind, text } = this.#next;
    if (kind !== 'name') throw new ExpressionFailed(`unexpected ${text}`);
    this.#at += 1;
    return text;
  }

  /** A name with as many parts as there are, but no method's. */
  #attribute(first: string): (entry: AccessLogEntry) => Value | undefined {
    let name = first;
    while (this.#next.text === '.' && this.#tokens[this.#at + 2]?.text !== '(') {
      this.#at += 1;
      name += `.${this.#name()}`;
    }
    return ATTRIBUTES[name] ?? (() => undefined);
  }

  #methods(subject: Expression): Expression {
    let value = subject;
    while (this.#take('.')) {
      const method = METHODS[this.#name()];
      this.#expect('(');
      const argument = this.#or();
      this.#expect(')');
      if (method === undefined) throw new ExpressionFailed('no such method');
      const before = value;
      value = (entry) => {
        const [text, other] = [before(entry), argument(entry)];
        if (typeof text !== 'string' || typeof other !== 'string') throw new ExpressionFailed('no text');
        return method(text, other);
      };
    }
    return value;
  }
}

/** A side that decides does so in either order, even where the other one fails. */
function decided(by: boolean, one: Expression, other: Expression, entry: AccessLogEntry): boolean {
  let failure: ExpressionFailed | undefined;
  for (const side of [one, other]) {
    try {
      if ((side(entry) === true) === by) return by;
    } catch (error) {
      if (!(error instanceof ExpressionFailed)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return !by;
}

function compare(sign: string, left: Value, right: Value): boolean {
  if (sign === 'in') return Array.isArray(right) && right.includes(left);
  if (typeof left !== typeof right) throw new ExpressionFailed('no such overload');
  if (sign === '==') return left === right;
  if (sign === '!=') return left !== right;
  if (sign === '<') return left < right;
  if (sign === '<=') return left <= right;
  return sign === '>' ? left > right : left >= right;
}
