import { expect, onTestFinished, test } from 'vitest';
import { startTaller } from '../../browser/taller-process.ts';

const BUG =
  "process.on('SIGUSR2', () => { throw new Error('boom') }); process.on('SIGURG', () => Promise.reject(new Error('bang')))";

test('a bug that nobody catches is told with its place, and does not end the server', async () => {
  const taller = await startTaller([], { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(BUG)}` });
  onTestFinished(() => taller.stop());

  taller.child.kill('SIGUSR2');
  await expect.poll(() => taller.text()).toContain('Error: boom\n    at ');
  taller.child.kill('SIGURG');
  await expect.poll(() => taller.text()).toContain('Error: bang\n    at ');

  expect((await fetch(`${taller.url}/healthz`)).status).toBe(200);
});
