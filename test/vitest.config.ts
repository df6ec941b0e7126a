import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Shells, browsers and TLS handshakes share two cores with the tests of other files.
    testTimeout: 120_000,
    // What a test waits for comes in its own time: on a machine with nothing else to do, nearly at once.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    // Most of a test is waiting for another process; with one worker less than cores two cores would run one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    hookTimeout: 120_000,
  },
});
