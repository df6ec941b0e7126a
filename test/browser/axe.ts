import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const FILE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Axe {
  run(place: string, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** Rules of axe that the page breaks, each with the elements that do. @param place a selector, when not the whole page */
export async function findViolations(page: Page, place = 'html'): Promise<string[]> {
  // Evaluated, not added as a script: the page's policy would refuse that.
  await page.evaluate(await readFile(FILE, 'utf8'));
  return page.evaluate(
    async ({ place, values }) => {
      const { axe } = globalThis as unknown as { axe: Axe };
      const { violations } = await axe.run(place, { runOnly: { type: 'tag', values } });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    },
    { place, values: TAGS },
  );
}
