#!/usr/bin/env node
// Starts Taller from a checkout: looks at the Node version, builds what is missing or stale, then runs the bundle.
// Plain JavaScript, because it runs before anything is built.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `taller: Node ${process.versions.node} is too old. Install Node 20.19 or newer: https://nodejs.org\n`,
  );
  process.exit(1);
}
try {
  const { build } = await import('./build.mjs');
  await build({ quiet: true });
} catch (error) {
  // A package without its build tools (the container image) ships dist and has nothing to rebuild.
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
}
await import('../dist/server/main.js');
