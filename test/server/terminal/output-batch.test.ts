import { expect, it } from 'vitest';
import { OutputBatch } from '../../../server/terminal/output-batch.ts';
import { pollFor } from './poll-for.ts';

/** All that a test pushes comes within one window, however slow the machine is. */
const atOnce = () => 0;

it('delivers little output at once, and joins what follows a lot', async () => {
  const delivered: number[] = [];
  const batch = new OutputBatch((data) => delivered.push(data.length), atOnce);

  batch.push(Buffer.alloc(1));
  batch.push(Buffer.alloc(2));
  expect(delivered).toEqual([1, 2]);
  batch.push(Buffer.alloc(3000));
  batch.push(Buffer.alloc(4));
  expect(delivered).toEqual([1, 2]);

  await pollFor(() => delivered, [1, 2, 3004]);
});

it('delivers the first output after silence at once, whatever its size', () => {
  const delivered: number[] = [];
  const batch = new OutputBatch((data) => delivered.push(data.length), atOnce);

  batch.push(Buffer.alloc(5000));

  expect(delivered).toEqual([5000]);
});

it('does not let more than 32 KiB wait', () => {
  const delivered: number[] = [];
  const batch = new OutputBatch((data) => delivered.push(data.length), atOnce);

  for (let index = 0; index < 17; index++) batch.push(Buffer.alloc(4096));
  batch.dispose();

  expect(delivered).toEqual([4096, 32_768, 32_768]);
});
