import { matchesPattern } from '../shell/pattern.ts';

/** Bytes that all values of one server may have together. */
const MAX_BYTES = 4 * 1024 * 1024;

type Value = string | string[] | Map<string, string> | Set<string>;

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n';
const OK = '+OK\r\n';
const NO_INTEGER = '-ERR value is not an integer or out of range\r\n';

function bulk(value: string | undefined): string {
  return value === undefined ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`;
}

function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.map(bulk).join('')}`;
}

/** Number of arguments after the name: exactly, or at least when negative. */
const ARITY: Readonly<Record<string, number>> = {
  GET: 1,
  SET: -2,
  DEL: -1,
  EXISTS: -1,
  INCR: 1,
  DECR: 1,
  INCRBY: 2,
  DECRBY: 2,
  APPEND: 2,
  STRLEN: 1,
  MGET: -1,
  MSET: -2,
  KEYS: 1,
  TYPE: 1,
  EXPIRE: 2,
  TTL: 1,
  PERSIST: 1,
  LPUSH: -2,
  RPUSH: -2,
  LPOP: -1,
  RPOP: -1,
  LRANGE: 3,
  LLEN: 1,
  HSET: -3,
  HGET: 2,
  HGETALL: 1,
  HDEL: -2,
  SADD: -2,
  SREM: -2,
  SMEMBERS: 1,
  SCARD: 1,
  SISMEMBER: 2,
  ECHO: 1,
};

/** The data of one Redis server. Strings are bytes, one UTF-16 unit each. */
export class RedisValues {
  readonly #now: () => number;
  readonly #values = new Map<string, Value>();
  /** When a key ends, milliseconds since 1970. */
  readonly #expiry = new Map<string, number>();
  #size = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The answer to one command, in the protocol's form. */
  reply([word = '', ...args]: readonly string[]): string {
    const name = word.toUpperCase();
    const arity = ARITY[name];
    if (arity !== undefined && (arity < 0 ? args.length < -arity : args.length !== arity)) {
      return `-ERR wrong number of arguments for '${word.toLowerCase()}' command\r\n`;
    }
    // What is written is only ever added up: a bound on the memory, not a measure of it.
    if (/^(SET|MSET|APPEND|[LR]PUSH|HSET|SADD)$/.test(name)) {
      this.#size += args.reduce((sum, arg) => sum + arg.length + 64, 0);
      if (this.#size > MAX_BYTES) return "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    }
    return this.#run(name, args) ?? unknown(word, args);
  }

  #run(name: string, args: readonly string[]): string | undefined {
    const [key = '', value = ''] = args;
    switch (name) {
      case 'PING':
        return args.length === 0 ? '+PONG\r\n' : bulk(key);
      case 'ECHO':
        return bulk(key);
      case 'SELECT':
      case 'AUTH':
      case 'CLIENT':
      case 'QUIT':
        return OK;
      case 'COMMAND':
        return '*0\r\n';
      case 'INFO':
        return bulk('# Server\r\nredis_version:7.4.1\r\nredis_mode:standalone\r\n# Replication\r\nrole:master\r\n');
      case 'DBSIZE':
        return `:${this.#keys().length}\r\n`;
      case 'FLUSHALL':
      case 'FLUSHDB':
        this.#values.clear();
        this.#expiry.clear();
        this.#size = 0;
        return OK;
      case 'DEL':
        return `:${args.filter((each) => this.#find(each) !== undefined && this.#remove(each)).length}\r\n`;
      case 'EXISTS':
        return `:${args.filter((each) => this.#find(each) !== undefined).length}\r\n`;
      case 'KEYS':
        return array(this.#keys().filter((each) => matchesPattern(key, each)));
      case 'TYPE':
        return `+${typeName(this.#find(key))}\r\n`;
      case 'EXPIRE':
        if (!/^-?\d+$/.test(value)) return NO_INTEGER;
        if (this.#find(key) === undefined) return ':0\r\n';
        this.#expiry.set(key, this.#now() + Number(value) * 1000);
        return ':1\r\n';
      case 'TTL': {
        if (this.#find(key) === undefined) return ':-2\r\n';
        const end = this.#expiry.get(key);
        return `:${end === undefined ? -1 : Math.round((end - this.#now()) / 1000)}\r\n`;
      }
      case 'PERSIST':
        return `:${this.#find(key) !== undefined && this.#expiry.delete(key) ? 1 : 0}\r\n`;
      default:
        return this.#strings(name, args) ?? this.#collections(name, args);
    }
  }

  #strings(name: string, args: readonly string[]): string | undefined {
    const [key = '', value = ''] = args;
    const text = (of: string): string | undefined => {
      const found = this.#find(of);
      return typeof found === 'string' ? found : undefined;
    };
    const isOther = this.#find(key) !== undefined && text(key) === undefined;
    switch (name) {
      case 'SET': {
        const [option = '', seconds = ''] = args.slice(2);
        this.#values.set(key, value);
        this.#expiry.delete(key);
        if (option.toUpperCase() === 'EX') this.#expiry.set(key, this.#now() + Number(seconds) * 1000);
        else if (option !== '') return '-ERR syntax error\r\n';
        return OK;
      }
      case 'GET':
        return isOther ? WRONG_TYPE : bulk(text(key));
      case 'MGET': {
        return `*${args.length}\r\n${args.map((each) => bulk(text(each))).join('')}`;
      }
      case 'MSET':
        for (let index = 0; index + 1 < args.length; index += 2)
          this.#values.set(args[index] ?? '', args[index + 1] ?? '');
        return OK;
      case 'STRLEN':
        return isOther ? WRONG_TYPE : `:${text(key)?.length ?? 0}\r\n`;
      case 'APPEND':
        if (isOther) return WRONG_TYPE;
        this.#values.set(key, (text(key) ?? '') + value);
        return `:${text(key)?.length ?? 0}\r\n`;
      case 'INCR':
      case 'DECR':
      case 'INCRBY':
      case 'DECRBY': {
        if (isOther) return WRONG_TYPE;
        const by = name.endsWith('BY') ? value : '1';
        const now = text(key) ?? '0';
        if (!/^-?\d{1,15}$/.test(now) || !/^-?\d{1,15}$/.test(by)) return NO_INTEGER;
        const next = Number(now) + (name.startsWith('INCR') ? 1 : -1) * Number(by);
        this.#values.set(key, String(next));
        return `:${next}\r\n`;
      }
      default:
        return undefined;
    }
  }

  #collections(name: string, args: readonly string[]): string | undefined {
    const [key = '', ...rest] = args;
    const found = this.#find(key);
    const wanted = /^(L|R)(PUSH|POP|RANGE|LEN)$/.test(name) ? 'list' : name.startsWith('H') ? 'hash' : 'set';
    if (!(name in ARITY)) return undefined;
    if (found !== undefined && typeName(found) !== wanted) return WRONG_TYPE;
    const keep = (value: Value, size: number): void => {
      if (size === 0) this.#remove(key);
      else this.#values.set(key, value);
    };
    const list = Array.isArray(found) ? found : [];
    const hash = found instanceof Map ? found : new Map<string, string>();
    const set = found instanceof Set ? found : new Set<string>();
    switch (name) {
      case 'LPUSH':
      case 'RPUSH':
        for (const each of rest) {
          if (name === 'LPUSH') list.unshift(each);
          else list.push(each);
        }
        keep(list, list.length);
        return `:${list.length}\r\n`;
      case 'LPOP':
      case 'RPOP': {
        const popped = name === 'LPOP' ? list.shift() : list.pop();
        keep(list, list.length);
        return bulk(popped);
      }
      case 'LLEN':
        return `:${list.length}\r\n`;
      case 'LRANGE': {
        const [from = 0, to = 0] = rest.map(Number);
        const end = to < 0 ? list.length + to : to;
        return array(list.slice(from < 0 ? Math.max(0, list.length + from) : from, end + 1));
      }
      case 'HSET': {
        const before = hash.size;
        for (let index = 0; index + 1 < rest.length; index += 2) hash.set(rest[index] ?? '', rest[index + 1] ?? '');
        keep(hash, hash.size);
        return `:${hash.size - before}\r\n`;
      }
      case 'HGET':
        return bulk(hash.get(rest[0] ?? ''));
      case 'HGETALL':
        return array([...hash].flat());
      case 'HDEL': {
        const count = rest.filter((each) => hash.delete(each)).length;
        keep(hash, hash.size);
        return `:${count}\r\n`;
      }
      case 'SADD': {
        const before = set.size;
        for (const each of rest) set.add(each);
        keep(set, set.size);
        return `:${set.size - before}\r\n`;
      }
      case 'SREM': {
        const count = rest.filter((each) => set.delete(each)).length;
        keep(set, set.size);
        return `:${count}\r\n`;
      }
      case 'SMEMBERS':
        return array([...set]);
      case 'SCARD':
        return `:${set.size}\r\n`;
      case 'SISMEMBER':
        return `:${set.has(rest[0] ?? '') ? 1 : 0}\r\n`;
      default:
        return undefined;
    }
  }

  /** The value of a key that has not ended. */
  #find(key: string): Value | undefined {
    const end = this.#expiry.get(key);
    if (end !== undefined && end <= this.#now()) this.#remove(key);
    return this.#values.get(key);
  }

  #remove(key: string): boolean {
    this.#expiry.delete(key);
    return this.#values.delete(key);
  }

  #keys(): string[] {
    return [...this.#values.keys()].filter((key) => this.#find(key) !== undefined);
  }
}

function typeName(value: Value | undefined): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'list' : value instanceof Map ? 'hash' : 'set';
}

function unknown(word: string, args: readonly string[]): string {
  return `-ERR unknown command '${word}', with args beginning with: ${args.map((arg) => `'${arg}' `).join('')}\r\n`;
}
