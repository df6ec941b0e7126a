import { expect, it } from 'vitest';
import { CommandOutput } from '../../../server/terminal/command-output.ts';
import { createRandom } from './random.ts';

const HALF = 512 * 1024;

it('decodes characters that are cut into pieces', () => {
  const output = new CommandOutput();

  for (const byte of Buffer.from('é日🙂')) output.append(Uint8Array.of(byte));

  expect(output.text()).toBe('é日🙂');
});

it.each([1, 2, 3])('loses nothing of what lies across the middle: seed %i', (seed) => {
  const random = createRandom(seed);
  const text = '日é🙂a'.repeat(80_000);
  const bytes = Buffer.from(text);
  expect(bytes.length).toBeGreaterThan(HALF);
  const output = new CommandOutput();

  for (let at = 0; at < bytes.length;) {
    const next = at + 1 + random.below(4096);
    output.append(bytes.subarray(at, next));
    at = next;
  }

  expect(output.text()).toBe(text);
});

it('leaves out the middle of more than 1 MiB, and says so', () => {
  const output = new CommandOutput();

  for (let index = 0; index < 30; index++) output.append(Buffer.alloc(100_000, 'abcdefghij'[index % 10]));

  const text = output.text();
  expect(text.slice(0, HALF)).toBe(
    Array.from({ length: 6 }, (_, index) => 'abcdef'[index]!.repeat(100_000))
      .join('')
      .slice(0, HALF),
  );
  expect(text.slice(HALF, -HALF)).toBe(`\n[… ${3_000_000 - 2 * HALF} bytes left out …]\n`);
  expect(text.endsWith('j'.repeat(100_000))).toBe(true);
});
