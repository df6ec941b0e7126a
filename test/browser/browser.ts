import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CANDIDATES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Absolute path of a Chromium on this machine; undefined when there is none. */
export const chromiumPath = CANDIDATES.find((path) => path !== undefined && existsSync(path));

if (!chromiumPath) {
  if (process.env.TALLER_REQUIRE_CHROMIUM)
    throw new Error('There is no Chromium: install it, or set CHROMIUM to its path.');
  process.stderr.write('Browser tests are skipped: there is no Chromium. Install it, or set CHROMIUM to its path.\n');
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    // Without the last four Chromium calls home at every start, which hangs in a room without internet.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
