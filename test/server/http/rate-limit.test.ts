import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../../server/http/rate-limit.ts';

describe('createRateLimit', () => {
  it('lets a burst through, then only what comes back with time', () => {
    let time = 0;
    const limit = createRateLimit(() => time);
    const takeAll = () => {
      let count = 0;
      while (limit.take()) count++;
      return count;
    };

    expect(takeAll()).toBe(2000);
    time += 100;
    expect(takeAll()).toBe(50);
    time += 3_600_000;
    expect(takeAll()).toBe(2000);
  });
});
