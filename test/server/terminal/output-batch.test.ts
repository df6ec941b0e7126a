import { expect, it } from 'vitest';
import { OutputBatch } from '../../../server/terminal/output-batch.ts';
import { pollFor } from './poll-for.ts';

it('delivers at once after silence, and then joins what follows', async () => {
  const delivered: string[] = [];
  const batch = new OutputBatch((data) => delivered.push(Buffer.from(data).toString()));

  batch.push(Buffer.from('a'));
  expect(delivered).toEqual(['a']);
  batch.push(Buffer.from('b'));
  batch.push(Buffer.from('c'));
  expect(delivered).toEqual(['a']);

  await pollFor(() => delivered, ['a', 'bc']);
});

it('does not let more than 32 KiB wait', () => {
  const delivered: number[] = [];
  const batch = new OutputBatch((data) => delivered.push(data.length));

  for (let index = 0; index < 17; index++) batch.push(Buffer.alloc(4096));
  batch.dispose();

  expect(delivered).toEqual([4096, 32_768, 32_768]);
});
