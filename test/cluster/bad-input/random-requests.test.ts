import { expect, onTestFinished, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';
import { settledHeap } from './heap.ts';
import { createRequestGenerator } from './random-requests.ts';
import { createRawClient, type RawAnswer, type RawRequest } from './raw-client.ts';

const REQUESTS = 10_000;
const AT_ONCE = 16;
const MOST_LEFT_BYTES = 8 * 1024 * 1024;

/** Sends them in order, some at a time. */
async function sendAll(
  send: (raw: RawRequest) => Promise<RawAnswer>,
  next: () => RawRequest,
  count: number,
  look: (raw: RawRequest, answer: RawAnswer) => void,
): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const raw = next();
      look(raw, await send(raw));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What is wrong with an answer; undefined when it is a proper one. */
function fault({ method, path }: RawRequest, { status, headers, text }: RawAnswer): string | undefined {
  const line = `${method} ${path.slice(0, 200)} -> ${status}`;
  if (status < 200 || status >= 500) return `${line} ${text.slice(0, 600)}`;
  const isJson = String(headers['content-type']).startsWith('application/json');
  if (status < 400 || method === 'HEAD' || !isJson || text === '') return undefined;
  const { kind, code } = JSON.parse(text) as { kind?: string; code?: number };
  return kind === 'Status' && code === status ? undefined : `${line} is no Status: ${text.slice(0, 200)}`;
}

test(`${REQUESTS} random requests are each answered, disturb nobody and leave nothing behind`, async () => {
  const neighbour = await serveCluster({ mesh: false });
  await neighbour.request('POST', '/api/v1/namespaces/default/configmaps', {
    metadata: { name: 'mine' },
    data: { a: '1' },
  });
  const before = (await neighbour.request('GET', '/api/v1/configmaps')).text;
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.stack ?? warning.message);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  const attack = async (seed: number, count: number) => {
    const target = await serveCluster({ mesh: false });
    await sendAll(createRawClient(target.url), createRequestGenerator(seed), count, (raw, answer) => {
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const problem = fault(raw, answer);
      if (problem !== undefined && faults.length < 20) faults.push(problem);
    });
    target.cluster.dispose();
  };
  // What is made once for the process, such as parsed schemas, is made before the heap is looked at.
  await attack(1, 2_000);
  const heap = await settledHeap();

  await attack(2, REQUESTS - 2_000);

  expect(faults).toEqual([]);
  expect(warnings).toEqual([]);
  expect((await neighbour.request('GET', '/api/v1/configmaps')).text).toBe(before);
  expect((await settledHeap()) - heap).toBeLessThan(MOST_LEFT_BYTES);
  // The generator would prove nothing if everything were refused at the door.
  const rare = [200, 201, 400, 403, 404, 405, 409, 413, 415, 422].filter((status) => (statuses.get(status) ?? 0) < 5);
  expect(rare).toEqual([413]);
});
