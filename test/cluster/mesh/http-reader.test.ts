import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  MalformedMessage,
  mayBecomeRequest,
  mayBecomeResponse,
  readRequestHead,
  readResponseHead,
  requestFraming,
  responseFraming,
  type Framing,
} from '../../../cluster/mesh/http-message.ts';
import { MessageReader } from '../../../cluster/mesh/http-reader.ts';

/** What is read out of bytes, however they come. */

interface Read {
  method?: string;
  path?: string;
  status?: number;
  headers: [string, string][];
  framing: Framing['kind'];
  body: string;
  isComplete: boolean;
}

/** All messages of the bytes, and how reading ended. */
function read(pieces: readonly Buffer[], kind: 'requests' | 'responses', method = 'GET'): string {
  const messages: Read[] = [];
  const begin = (message: Partial<Read>, framing: Framing): void => {
    messages.push({ headers: [], body: '', ...message, framing: framing.kind, isComplete: framing.kind === 'none' });
  };
  const last = (): Read => messages.at(-1) as Read;
  const sink = {
    data: (chunk: Buffer) => {
      last().body += chunk.toString('latin1');
    },
    end: () => {
      last().isComplete = true;
    },
  };
  const reader =
    kind === 'requests'
      ? new MessageReader(
          { readHead: readRequestHead, framingOf: requestFraming, mayBecome: mayBecomeRequest },
          { ...sink, head: (head, framing) => begin({ ...head, headers: [...head.headers] }, framing) },
        )
      : new MessageReader(
          {
            readHead: readResponseHead,
            framingOf: (head) => responseFraming(head, method),
            mayBecome: mayBecomeResponse,
          },
          { ...sink, head: (head, framing) => begin({ ...head, headers: [...head.headers] }, framing) },
        );
  try {
    for (const piece of pieces) {
      reader.push(piece);
      while (reader.isDone && reader.waitingBytes > 0 && last().framing !== 'tunnel') reader.next();
      if (reader.isDone && reader.waitingBytes === 0 && last().framing !== 'tunnel') reader.next();
    }
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    return JSON.stringify({ messages, refused: error.status, details: error.details });
  }
  return JSON.stringify({ messages, refused: null });
}

function requests(text: string): { messages: Read[]; refused: number | null; details?: string } {
  return JSON.parse(read([Buffer.from(text, 'latin1')], 'requests'));
}

function responses(text: string, method = 'GET'): { messages: Read[]; refused: number | null } {
  return JSON.parse(read([Buffer.from(text, 'latin1')], 'responses', method));
}

/** Dice of one seed: the same each time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % below;
  };
}

describe('a request', () => {
  test('has a method, a path, headers in lower case and a body of its length', () => {
    const { messages } = requests('POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Two:  a b \t\r\nContent-Length: 3\r\n\r\nabc');

    expect(messages).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: '/a?b=c',
        headers: [
          ['host', 'x'],
          ['x-two', 'a b'],
          ['content-length', '3'],
        ],
        body: 'abc',
        isComplete: true,
      }),
    ]);
  });

  test('in chunks has their bytes, without extensions and trailers', () => {
    const chunked = 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n';
    const { messages } = requests(`${chunked}3;a="b"\r\nabc\r\nA\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n`);

    expect(messages).toMatchObject([{ body: 'abc0123456789', isComplete: true }]);
  });

  test('may follow another at once, and after an empty line', () => {
    const one = 'GET /1 HTTP/1.1\r\nhost: x\r\n\r\n';
    const { messages } = requests(`\r\n${one}${one.replace('/1', '/2')}\r\n${one.replace('/1', '/3')}`);

    expect(messages.map(({ path }) => path)).toEqual(['/1', '/2', '/3']);
  });

  test('of the absolute form asks for the host of its line', () => {
    const { messages } = requests('GET http://a.b:80/c?d HTTP/1.1\r\nHost: other\r\n\r\n');

    expect(messages).toMatchObject([{ path: '/c?d', headers: [['host', 'a.b:80']] }]);
  });

  const LONG = 'x'.repeat(70_000);
  test.each<[string, string, number, string?]>([
    ['with a length and an encoding', 'content-length: 3\r\ntransfer-encoding: chunked\r\n', 400],
    ['with two lengths', 'content-length: 3\r\ncontent-length: 4\r\n', 400],
    ['with the same length twice', 'content-length: 3\r\ncontent-length: 3\r\n', 400],
    ['with a list of lengths', 'content-length: 3, 3\r\n', 400],
    ['with a negative length', 'content-length: -1\r\n', 400],
    ['with a length in another base', 'content-length: 0x3\r\n', 400],
    ['with a plus before its length', 'content-length: +3\r\n', 400],
    ['with a length beyond all numbers', `content-length: ${'9'.repeat(30)}\r\n`, 400],
    ['with another encoding', 'transfer-encoding: gzip, chunked\r\n', 501],
    ['with chunked twice', 'transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', 501],
    ['with an encoding that is hidden', 'transfer-encoding: \x0bchunked\r\n', 400],
    ['with a folded header', 'a: b\r\n c\r\n', 400],
    ['with a blank before the colon', 'content-length : 3\r\n', 400],
    ['with a header without a name', ': b\r\n', 400],
    ['with a line that is no header', 'nothing\r\n', 400],
    ['with a bare line feed', 'a: b\nc: d\r\n', 400],
    ['with a bare carriage return', 'a: b\rc: d\r\n', 400],
    ['with a zero byte', 'a: b\0c\r\n', 400],
    ['with a second host', 'host: y\r\n', 400],
    ['with too many headers', 'a: b\r\n'.repeat(101), 431, 'http1.too_many_headers'],
    ['with a head of over 60 KiB', `a: ${LONG}\r\n`, 431, 'http1.headers_too_large'],
  ])('%s is refused', (_name, headers, status, details) => {
    const result = requests(`POST / HTTP/1.1\r\nhost: x\r\n${headers}\r\nabc`);

    expect(result).toMatchObject({ messages: [], refused: status, ...(details === undefined ? {} : { details }) });
  });

  test.each([
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['of HTTP/1.2', 'GET / HTTP/1.2\r\nhost: x\r\n\r\n'],
    ['of an unknown method', 'FETCH / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['of a method in lower case', 'get / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['with a blank in its path', 'GET /a b HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['with bytes beyond ASCII in its path', 'GET /\xe9 HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['with no path', 'GET HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['with a path that is none', 'GET a HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['without a host', 'GET / HTTP/1.1\r\n\r\n'],
    ['of another protocol, before its line has ended', 'PING'],
    ['that is TLS', '\x16\x03\x01\x02\x00'],
    ['whose lines end in line feeds', 'GET / HTTP/1.1\nhost: x\n\n'],
  ])('%s is refused', (_name, text) => {
    expect(requests(text)).toMatchObject({ messages: [], refused: 400 });
  });

  test.each([
    ['a size that is none', 'x\r\nabc\r\n'],
    ['a size with a blank', '3 \r\nabc\r\n'],
    ['a size in hexadecimal notation', '0x3\r\nabc\r\n'],
    ['a negative size', '-3\r\nabc\r\n'],
    ['a size beyond all numbers', 'fffffffffffffffff\r\nabc\r\n'],
    ['a size that ends in a line feed', '3\nabc\r\n'],
    ['more bytes than its size', '3\r\nabcd\r\n'],
    ['a trailer that is none', '0\r\nnothing\r\n\r\n'],
  ])('is refused for a chunk with %s', (_name, chunk) => {
    const result = requests(`POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`);

    expect(result.refused).toBe(400);
    expect(result.messages[0]?.isComplete).toBe(false);
  });
});

describe('a response', () => {
  test('ends as its headers, its status and its request say', () => {
    expect(responses('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab').messages).toMatchObject([{ body: 'ab' }]);
    expect(responses('HTTP/1.1 204 No Content\r\n\r\n').messages).toMatchObject([{ framing: 'none' }]);
    expect(responses('HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n').messages).toMatchObject([
      { framing: 'none' },
    ]);
    expect(responses('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n', 'HEAD').messages).toMatchObject([
      { framing: 'none' },
    ]);
    expect(responses('HTTP/1.0 200 OK\r\n\r\nabc').messages).toMatchObject([
      { framing: 'until-close', body: 'abc', isComplete: false },
    ]);
    expect(responses('HTTP/1.1 101 Switching Protocols\r\n\r\nbytes').messages).toMatchObject([
      { framing: 'tunnel', body: '' },
    ]);
  });

  test('may come after others that only say that it will', () => {
    const { messages } = responses('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200\r\n\r\n');

    expect(messages.map(({ status }) => status)).toEqual([100, 103, 200]);
  });

  test.each([
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 99 No\r\n\r\n',
    'hello\r\n\r\n',
    '\0\0\x06\x04',
    'HTTP/1.1 200 OK\n\n',
  ])('is refused as %j', (text) => {
    expect(responses(text).refused).toBe(400);
  });
});

describe('bytes that come in pieces', () => {
  test('say the same, however they are cut', () => {
    const roll = dice(7);
    const parts = [
      'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
      'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello',
      'POST /b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\na: b\r\n\r\n',
      '\r\nHEAD /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n',
      'GET / HTTP/1.1\nhost: x\n\n',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n',
      'nonsense\r\n\r\n',
      `GET /long HTTP/1.1\r\nhost: x\r\na: ${'y'.repeat(3000)}\r\n\r\n`,
    ];
    for (let round = 0; round < 400; round += 1) {
      let bytes = Buffer.from(Array.from({ length: 1 + roll(4) }, () => parts[roll(parts.length)]).join(''), 'latin1');
      // Half of them with one byte changed.
      if (round % 2 === 1) bytes = Buffer.concat([bytes.subarray(0, -1), Buffer.of(roll(256))]);
      if (round % 4 === 3) bytes[roll(bytes.length)] = roll(256);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = 1 + roll(roll(3) === 0 ? 200 : 4);
        pieces.push(bytes.subarray(at, at + length));
        at += length;
      }
      // What was refused early must have been refused as a whole as well, and what was told before is the same.
      expect(read(pieces, 'requests'), JSON.stringify(bytes.toString('latin1'))).toBe(read([bytes], 'requests'));
    }
  });
});

describe('beside node:http', () => {
  let server: Server;
  beforeAll(async () => {
    // As strict as it can be, and telling what it read.
    server = createServer({ insecureHTTPParser: false, requireHostHeader: true }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('connection', 'close');
        response.end(
          JSON.stringify([request.method, request.url, request.headers['a'], Buffer.concat(chunks).toString('latin1')]),
        );
      });
      request.on('error', () => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  const ofNode = async (text: string): Promise<string> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.end(Buffer.from(text, 'latin1'));
    await once(socket, 'close');
    return answer.startsWith('HTTP/1.1 200') ? answer.slice(answer.indexOf('\r\n\r\n') + 4) : 'refused';
  };
  const ofOurs = (text: string): string => {
    const { messages, refused } = requests(text);
    const [first] = messages;
    if (refused !== null || first === undefined || !first.isComplete) return 'refused';
    const a = first.headers.filter(([name]) => name === 'a').map(([, value]) => value);
    return JSON.stringify([first.method, first.path, a.length === 0 ? null : a.join(', '), first.body]);
  };

  test('never takes what node refuses, nor reads it differently', async () => {
    const roll = dice(11);
    const methods = ['GET', 'POST', 'OPTIONS', 'get', 'DELETE '];
    const paths = ['/', '/a?b', '*', '/a b', '/\x7f', ''];
    const headers = [
      'a: b',
      'a:b',
      'a : b',
      'a: \tb \t',
      'A: c',
      ' a: b',
      'a',
      'a: b\0',
      'content-length: 3',
      'Content-Length: 03',
      'content-length: 3,3',
      'content-length: 4',
      'transfer-encoding: chunked',
      'transfer-encoding: CHUNKED',
      'transfer-encoding: identity',
      'transfer-encoding: chunked, chunked',
    ];
    const bodies = [
      '',
      'abc',
      '3\r\nabc\r\n0\r\n\r\n',
      '3\nabc\n0\n\n',
      '003\r\nabc\r\n0\r\n\r\n',
      'g\r\n',
      '0\r\n\r\n',
    ];
    const ends = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r'];
    const pick = (list: readonly string[]): string => list[roll(list.length)] ?? '';
    const compared = { same: 0, stricter: 0 };
    for (let round = 0; round < 2000; round += 1) {
      const lines = Array.from({ length: roll(3) }, () => `${pick(headers)}${pick(ends)}`).join('');
      const text = `${pick(methods.slice(0, roll(4) === 0 ? 5 : 2))} ${pick(paths.slice(0, roll(4) === 0 ? 6 : 2))} HTTP/1.1\r\nhost: x\r\n${lines}\r\n${pick(bodies)}`;
      const ours = ofOurs(text);
      if (ours === 'refused') {
        compared.stricter += 1;
        continue;
      }
      compared.same += 1;
      expect(await ofNode(text), JSON.stringify(text)).toBe(ours);
    }
    // Neither the one nor the other alone would say much.
    expect(compared.same).toBeGreaterThan(80);
    expect(compared.stricter).toBeGreaterThan(80);
  });
});
