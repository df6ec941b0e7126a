import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A line of `differences.txt`: an answer that is not equal, and why. */
export interface KnownDifference {
  n: number;
  /** Which kubectl it is about: `1.32`, `1.36`, the one that Taller brings (which follows 1.36), or all. */
  about: '1.32' | '1.36' | 'bundle' | 'all';
  /** Whether it shows in every run; `sometimes` is for what depends on speed. */
  when: 'always' | 'sometimes';
  reason: string;
}

/** @throws Error naming the line that cannot be read */
export function parseDifferences(text: string): KnownDifference[] {
  return text.split('\n').flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const match = /^(\d+) (1\.32|1\.36|bundle|all) (always|sometimes): (\S.*)$/.exec(line);
    if (!match) {
      throw new Error(
        `differences.txt:${index + 1}: cannot read "${line}"; write "NUMBER 1.32|1.36|bundle|all always|sometimes: REASON"`,
      );
    }
    const [, n, about, when, reason = ''] = match;
    return [{ n: Number(n), about: about as KnownDifference['about'], when: when as KnownDifference['when'], reason }];
  });
}

export function loadDifferences(): KnownDifference[] {
  return parseDifferences(readFileSync(fileURLToPath(new URL('./differences.txt', import.meta.url)), 'utf8'));
}
