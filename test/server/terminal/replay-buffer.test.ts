import { expect, it } from 'vitest';
import { ReplayBuffer } from '../../../server/terminal/replay-buffer.ts';
import { createRandom } from './random.ts';

it.each([1, 7, 4096, 10_000])('keeps the last bytes and reports the others: limit %i', (limit) => {
  const random = createRandom(limit);
  const dropped: Buffer[] = [];
  const buffer = new ReplayBuffer(limit, (bytes) => dropped.push(Buffer.from(bytes)));
  let all = Buffer.alloc(0);

  for (let round = 0; round < 300; round++) {
    const size = random.below(random.below(10) === 0 ? 3 * limit : limit / 3 + 2);
    const data = Buffer.from(Array.from({ length: size }, () => random.below(256)));
    all = Buffer.concat([all, data]);
    buffer.append(data);

    expect(buffer.end).toBe(all.length);
    expect(buffer.start).toBe(Math.max(0, all.length - limit));
    expect(buffer.since(buffer.start)!.equals(all.subarray(buffer.start))).toBe(true);
    const offset = buffer.start + random.below(buffer.end - buffer.start + 1);
    expect(buffer.since(offset)!.equals(all.subarray(offset))).toBe(true);
    expect(Buffer.concat(dropped).equals(all.subarray(0, buffer.start))).toBe(true);
  }
});

it('has nothing before its start and behind its end', () => {
  const buffer = new ReplayBuffer(4);
  buffer.append(Buffer.from('abcdef'));

  expect(buffer.since(1)).toBeNull();
  expect(buffer.since(7)).toBeNull();
  expect(buffer.since(Number.NaN)).toBeNull();
  expect(buffer.since(6)).toEqual(Buffer.alloc(0));
});

it('keeps nothing with a limit of 0', () => {
  const buffer = new ReplayBuffer(0);
  buffer.append(Buffer.from('abc'));

  expect(buffer.since(2)).toBeNull();
  expect(buffer.since(3)).toEqual(Buffer.alloc(0));
});
