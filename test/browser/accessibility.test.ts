import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunBlock } from '../../common/lesson.ts';
import { LOCALES } from '../../common/locale.ts';
import { findViolations } from './axe.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { openLesson } from './lesson-page.ts';
import { startTaller } from './taller-process.ts';

describe.skipIf(!chromiumPath)('accessibility', () => {
  let browser: Browser;
  let taller: Awaited<ReturnType<typeof startTaller>>;
  beforeAll(async () => {
    taller = await startTaller();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await taller?.stop();
  });

  it.each(
    LOCALES.flatMap((locale) =>
      (['light', 'dark'] as const).flatMap((colorScheme) =>
        [
          { width: 1280, height: 800 },
          { width: 390, height: 844 },
        ].map((viewport) => ({ locale, colorScheme, viewport, width: viewport.width })),
      ),
    ),
  )('axe finds nothing in $locale, $colorScheme, $width wide', async ({ locale, colorScheme, viewport }) => {
    const learner = await openLesson(browser, taller.url, { locale, colorScheme, viewport });
    const block = learner.lesson.steps
      .flatMap((step) => step.blocks)
      .find((one): one is RunBlock => one.kind === 'run');
    if (block) await learner.click(block);

    expect(await findViolations(learner.page)).toEqual([]);
    await learner.page.goto(`${taller.url}/${locale}`);
    await learner.page.getByRole('link', { name: learner.lesson.title }).first().waitFor();
    expect(await findViolations(learner.page)).toEqual([]);
    await learner.close();
  });

  it('the keyboard leads from the list of lessons to the last block', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(`${taller.url}/en`);
    await page.getByRole('heading', { level: 1 }).waitFor();

    await tabTo(page, (focus) => focus.href.endsWith('/lessons/mesh-wide-mtls'));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/en\/lessons\/mesh-wide-mtls/);
    await page.locator('.terminal-pane__screen textarea').waitFor({ state: 'attached' });

    // Into the terminal, where Tab belongs to the shell, and out again.
    await tabTo(page, (focus) => focus.inTerminal);
    await page.keyboard.type('echo by"-"keyboard');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('by-keyboard'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Tab');
    expect((await focusOf(page)).inTerminal).toBe(false);

    // Every step has a way to the next by keyboard; every block has its button.
    const steps = await page.locator('.step-nav__item').count();
    for (let step = 1; step <= steps; step++) {
      await page.waitForFunction(
        (id) => location.hash === `#${id}` || (id === 'step-1' && location.hash === ''),
        `step-${step}`,
      );
      const blocks = await page.locator('[data-block][data-status], [data-check]').count();
      const seen = new Set<string>();
      await tabTo(page, (focus) => {
        if (focus.block) seen.add(focus.block);
        return seen.size === blocks && (step === steps || focus.href.endsWith(`#step-${step + 1}`));
      });
      expect(seen.size).toBe(blocks);
      if (step < steps) await page.keyboard.press('Enter');
    }
    await context.close();
  });
});

interface Focus {
  href: string;
  inTerminal: boolean;
  block: string | null;
}

function focusOf(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    const block = focused?.closest('[data-block][data-status], [data-check]');
    return {
      href: (focused as HTMLAnchorElement | null)?.href ?? '',
      inTerminal: focused?.closest('.xterm') !== null && focused?.closest('.xterm') !== undefined,
      block: block?.getAttribute('data-block') ?? block?.getAttribute('data-check') ?? null,
    };
  });
}

/** Presses Tab until the focus is where it should be, leaving the terminal as its hint says. */
async function tabTo(page: Page, reached: (focus: Focus) => boolean): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    const focus = await focusOf(page);
    if (reached(focus)) return;
    if (focus.inTerminal) await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
  }
  throw new Error('200 presses of Tab did not lead there');
}
