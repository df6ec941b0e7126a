import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { launchBrowser } from '../../browser/browser.ts';

/** The page as its sources are now, and a browser to look at it. */
export interface PageBench {
  /** Folder of the built page, for the fake server. */
  directory: string;
  /**
   * An empty page in a context of its own, 1280 by 800 unless `options` say so. `problems` gets what its console
   * reports as an error, and what nobody caught.
   */
  open(options?: Parameters<Browser['newContext']>[0]): Promise<{ page: Page; problems: string[] }>;
  dispose(): Promise<void>;
}

export async function createPageBench(): Promise<PageBench> {
  const directory = await mkdtemp(join(tmpdir(), 'taller-page-'));
  const configFile = new URL('../../../client/vite.config.ts', import.meta.url).pathname;
  await build({ configFile, logLevel: 'warn', build: { outDir: directory } });
  const browser = await launchBrowser();
  return {
    directory,
    async open(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
      return { page, problems };
    },
    async dispose() {
      await browser.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
