import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { serveCluster, type ServedCluster } from '../serve-cluster.ts';
import { settledHeap } from './heap.ts';
import { createDice } from './random-requests.ts';

const POD = '/api/v1/namespaces/default/pods/web';
const MEGABYTE = 1024 * 1024;

/** A cluster whose pod `web` runs. */
async function servePod(): Promise<ServedCluster> {
  const served = await serveCluster({ mesh: false });
  served.cluster.apply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'main', image: 'busybox:1.36', command: ['sleep', '3600'] }] },
    },
  ]);
  await expect.poll(() => served.cluster.get('pods', 'default', 'web')?.status).toMatchObject({ phase: 'Running' });
  return served;
}

interface Attempt {
  path: string;
  upgrade: string;
  protocol: string;
  /** Sent at once behind the head. */
  noise: Buffer;
}

/** Asks for another protocol and sends noise in it. @returns the first line of the answer; empty when cut off before */
function attempt({ url }: ServedCluster, { path, upgrade, protocol, noise }: Attempt): Promise<string> {
  const { hostname, port } = new URL(url);
  const head = [
    `${upgrade === 'websocket' ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    'host: a',
    'connection: Upgrade',
    `upgrade: ${upgrade}`,
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    `sec-websocket-protocol: ${protocol}`,
    `x-stream-protocol-version: ${protocol}`,
  ];
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const finish = () => {
      socket.destroy();
      resolve(text.split('\r\n')[0] ?? '');
    };
    socket.on('error', finish);
    socket.once('close', finish);
    // With the first answer the noise has been read as well: it was sent along with the head.
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      setImmediate(finish);
    });
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), noise]));
  });
}

function createAttempts(seed: number): () => Attempt {
  const roll = createDice(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(roll() * values.length)] as T;
  const bytes = (length: number) => Array.from({ length }, () => Math.floor(roll() * 256));
  return () => {
    const upgrade = pick(['SPDY/3.1', 'SPDY/3.1', 'websocket', 'websocket', 'h2c', '']);
    // The beginnings of frames: SYN_STREAM, DATA with a length that lies, SETTINGS, GOAWAY; text and close of WebSocket.
    const starts = [
      [0x80, 3, 0, 1, 0, 0, 0, 40],
      [0, 0, 0, 1, 0, 0xff, 0xff, 0xff],
      [0x80, 3, 0, 4, 0, 0, 0, 12],
      [0x80, 3, 0, 7, 0, 0, 0, 8],
      [0x81, 0xff, 0xff],
      [0x88, 0x80],
      [],
    ];
    const noise = Buffer.from(
      Array.from({ length: 4 }, () => [...pick(starts), ...bytes(Math.floor(roll() * 80))]).flat(),
    );
    // Half of them ask for what is there, so that their frames are read.
    if (roll() < 0.5) {
      const ports = roll() < 0.3;
      return {
        path: `${POD}/${ports ? 'portforward?ports=80' : 'exec?command=cat&stdin=1&stdout=1'}`,
        upgrade: ports || roll() < 0.5 ? 'SPDY/3.1' : 'websocket',
        protocol: ports ? 'portforward.k8s.io' : pick(['v4.channel.k8s.io', 'v5.channel.k8s.io']),
        noise,
      };
    }
    const subresource = pick(['exec', 'attach', 'portforward', 'log', 'nosuch']);
    const query = pick(['?command=sh&stdin=true&tty=true&stdout=true', '?container=nosuch', '?ports=99999', '']);
    const path = pick([`${POD}/${subresource}${query}`, `${POD}/${subresource}${query}`, `${POD}x/exec`, '/', '/%zz']);
    const protocol = pick(['v4.channel.k8s.io', 'portforward.k8s.io', 'SPDY/3.1+portforward.k8s.io', 'nonsense']);
    return { path, upgrade, protocol, noise };
  };
}

test('600 upgrades with broken frames are refused or cut off, and leave nothing behind', async () => {
  const served = await servePod();
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.stack ?? warning.message);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const next = createAttempts(3);
  const lines = new Map<string, number>();
  const run = async (count: number) => {
    for (let round = 0; round < count; round += 1) {
      const line = await attempt(served, next());
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
  };
  await run(200);
  const before = await settledHeap();

  await run(400);

  expect([...lines.keys()].filter((line) => / 5\d\d /.test(line))).toEqual([]);
  // Some got through to where frames are read.
  expect(lines.get('HTTP/1.1 101 Switching Protocols') ?? 0).toBeGreaterThan(50);
  expect(warnings).toEqual([]);
  expect((await served.request('GET', POD)).json.status).toMatchObject({ phase: 'Running' });
  expect((await settledHeap()) - before).toBeLessThan(4 * MEGABYTE);
});
