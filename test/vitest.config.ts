import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Shells, browsers and TLS handshakes share two cores with the tests of other files.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
