import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Connection } from '../../../cluster/network/connection.ts';

function pair(): [Connection, Connection] {
  const [near, far] = Connection.pair({ ip: '10.0.0.1', port: 40_000 }, { ip: '10.0.0.2', port: 80 });
  near.on('error', () => {});
  far.on('error', () => {});
  return [near, far];
}

/** How a connection ended, for whoever reads it to the end. */
async function outcome(connection: Connection): Promise<string> {
  let text = '';
  try {
    for await (const chunk of connection.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
      text += chunk.toString();
    return `${text}|end`;
  } catch (error) {
    return `${text}|${(error as { code?: string }).code ?? String(error)}`;
  }
}

describe('a connection', () => {
  test('carries bytes both ways and ends with FIN', async () => {
    const [near, far] = pair();

    near.end('ping');
    expect(await outcome(far)).toBe('ping|end');
    far.end('pong');
    expect(await outcome(near)).toBe('pong|end');
  });

  test('is half open after end: the other direction goes on', async () => {
    const [near, far] = pair();
    near.end();
    far.resume();
    await once(far, 'end');

    far.end('late');

    expect(await outcome(near)).toBe('late|end');
  });

  test('destroyed with nothing unread looks like its end to the peer', async () => {
    const [near, far] = pair();
    far.write('last words');
    const result = outcome(near);
    await new Promise((resolve) => setImmediate(resolve));

    far.destroy();

    expect(await result).toBe('last words|end');
  });

  test('destroyed with bytes unread resets the peer', async () => {
    const [near, far] = pair();
    near.write('never read');
    await once(far, 'readable');

    far.destroy();

    expect(await outcome(near)).toBe('|ECONNRESET');
  });

  test('destroyed with bytes still on their way resets the peer', async () => {
    const [near, far] = pair();
    near.write('too late');

    far.destroy();

    expect(await outcome(near)).toBe('|ECONNRESET');
  });

  test('reset resets the peer', async () => {
    const [near, far] = pair();

    far.resetAndDestroy();

    expect(await outcome(near)).toBe('|ECONNRESET');
  });

  test('makes a writer wait for a reader that does not read', async () => {
    const [near, far] = pair();
    let written = 0;
    while (near.write(Buffer.alloc(16_384)) && written < 1000) written += 1;
    expect(written).toBeLessThan(10);

    far.resume();

    await once(near, 'drain');
  });

  test('fails the next write once the end of a closed peer was read', async () => {
    const [near, far] = pair();
    far.destroy();
    near.resume();
    await once(near, 'end');

    near.write('anybody?');

    const [error] = (await once(near, 'error')) as [{ code: string }];
    expect(error.code).toBe('EPIPE');
  });

  test('that hurries brings bytes before the next turn of the event loop, in their order', async () => {
    const [near, far] = pair();
    near.write('0');
    near.hurry();
    let text = '';
    far.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const seen: string[] = [];
    // What was sent before it hurried is not overtaken.
    near.write('1');
    process.nextTick(() => seen.push(text));
    await once(far, 'data');
    await new Promise((resolve) => setImmediate(resolve));

    near.write('2');
    near.write('3');
    await new Promise<void>((resolve) => process.nextTick(resolve));
    seen.push(text);

    expect(seen).toEqual(['', '0123']);
  });

  test('that hurries leaves time for the world', async () => {
    const [near, far] = pair();
    near.hurry();
    let rounds = 0;
    near.on('data', (chunk: Buffer) => near.write(chunk));
    far.on('data', (chunk: Buffer) => {
      rounds += 1;
      far.write(chunk);
    });
    near.write('ball');

    // Two programs that answer each other without end: timers still come.
    await new Promise((resolve) => setTimeout(resolve, 5));

    expect(rounds).toBeGreaterThan(10);
    near.destroy();
    far.destroy();
  });

  test('knows its addresses', () => {
    const [near, far] = pair();

    expect([near.remoteAddress, near.remotePort, near.localPort]).toEqual(['10.0.0.2', 80, 40_000]);
    expect([far.remoteAddress, far.remotePort, far.localPort]).toEqual(['10.0.0.1', 40_000, 80]);
  });
});
