import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { packArchive, unpackArchive, type ArchiveEntry } from '../../../../server/commands/kubectl/archive.ts';

const entry = (name: string, text: string): ArchiveEntry => ({
  name,
  type: 'file',
  mode: 0o640,
  content: Buffer.from(text),
  target: '',
});

describe('archives', () => {
  it('come back as they were packed', () => {
    const deep = `${'folder/'.repeat(18)}file.txt`;
    const entries: ArchiveEntry[] = [
      { name: 'a', type: 'folder', mode: 0o755, content: Buffer.alloc(0), target: '' },
      entry('a/one', 'x'.repeat(512)),
      entry(deep, 'deep'),
      { name: 'a/link', type: 'link', mode: 0o777, content: Buffer.alloc(0), target: 'one' },
    ];

    expect(unpackArchive(packArchive(entries))).toEqual(entries);
  });

  it('are read by tar', () => {
    const { stdout, status } = spawnSync('tar', ['-tvf', '-'], { input: packArchive([entry('a/b.txt', 'hello')]) });

    expect(status).toBe(0);
    expect(String(stdout)).toMatch(/^-rw-r----- 0\/0 +5 .* a\/b\.txt\n$/);
  });

  it('that end in the middle of a file are refused', () => {
    const half = packArchive([entry('a', 'x'.repeat(600))]).subarray(0, 900);

    expect(() => unpackArchive(half)).toThrow('unexpected EOF');
  });

  it.each(['-1000', 'many'])('with the size "%s" are refused', (size) => {
    const archive = packArchive([entry('a', 'hello'), entry('b', 'hello')]);
    archive.fill(0, 1024 + 124, 1024 + 136).write(size, 1024 + 124);

    expect(() => unpackArchive(archive)).toThrow('archive/tar: invalid tar header');
  });
});
