import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunBlock } from '../../common/lesson.ts';
import { LOCALES } from '../../common/locale.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { createCuttableProxy } from './cuttable-proxy.ts';
import { openLesson, type LessonPage } from './lesson-page.ts';
import { startTaller } from './taller-process.ts';

const LESSON_TIMEOUT_MS = 120_000;

describe.skipIf(!chromiumPath)('the first lesson in a browser', () => {
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

  it.each(LOCALES.flatMap((locale) => [{ locale, how: 'clicking' } as const, { locale, how: 'typing' } as const]))(
    'is done from start to end by $how, in $locale',
    async ({ locale, how }) => {
      const learner = await openLesson(browser, taller.url, { locale });
      for (const step of learner.lesson.steps) {
        await learner.goToStep(step);
        for (const block of step.blocks) {
          if (block.kind === 'check') await learner.pressCheck(block);
          if (block.kind !== 'run') continue;
          await (how === 'clicking' ? learner.click(block) : typeAsLearner(learner, block));
        }
      }

      const progress = learner.page.locator('.lesson-progress progress');
      expect(await progress.getAttribute('value')).toBe(await progress.getAttribute('max'));
      await learner.page.locator('.finish, .finish-panel').first().waitFor();
      await learner.close();
    },
    LESSON_TIMEOUT_MS,
  );

  it('says what differs, line by line, and unfolds the hint when a step was left out', async () => {
    const learner = await openLesson(browser, taller.url);
    const refused = findBlock(learner, (block) => block.exit === 56);
    const stepIndex = learner.lesson.steps.findIndex((step) => step.blocks.includes(refused));
    const strictStep = learner.lesson.steps[stepIndex];
    for (const step of learner.lesson.steps.slice(0, stepIndex)) {
      await learner.goToStep(step);
      for (const block of step.blocks) if (block.kind === 'run') await learner.click(block);
    }
    if (!strictStep) throw new Error('the lesson has no step with a refused request');
    await learner.goToStep(strictStep);

    // Without the policy the request is answered.
    await learner.block(refused.id).locator('.block__actions button').first().click();
    await learner.waitForStatus(learner.block(refused.id), 'failed');

    const text = await learner.block(refused.id).innerText();
    expect(text).toContain('200');
    expect(text).toContain('000');
    expect(text).toContain('56');
    expect(await learner.block(refused.id).locator('details[open]').count()).toBeGreaterThan(0);
    await learner.close();
  });

  it('asks before it interrupts a command that still runs', async () => {
    const learner = await openLesson(browser, taller.url);
    const first = findBlock(learner, (block) => !block.interrupt);
    await learner.focusTerminal();
    await learner.page.keyboard.type('sleep 600');
    await learner.page.keyboard.press('Enter');
    await learner.page.locator('.terminal-pane .button--stop[aria-disabled="false"]').waitFor();

    await learner.block(first.id).locator('.block__actions button').first().click();
    const question = learner.block(first.id).locator('.block__actions').nth(1);
    await question.waitFor();
    await question.getByRole('button').first().click();

    await learner.waitForStatus(learner.block(first.id), 'passed');
    expect(await learner.terminalText()).toContain('^C');
    await learner.close();
  });

  it(
    'loses nothing and repeats nothing when the connection breaks and the page is refreshed',
    async () => {
      const proxy = await createCuttableProxy(taller.url);
      const learner = await openLesson(browser, proxy.url);
      const first = findBlock(learner, () => true);
      await learner.click(first);
      await learner.focusTerminal();
      await learner.page.keyboard.type(
        'for i in $(seq 1 600); do echo "line-$i-"; [ $((i % 60)) = 0 ] && read -t 0.1; done; echo DO"NE"',
      );
      await learner.page.keyboard.press('Enter');

      for (const mark of [100, 200, 300]) {
        await learner.waitForTerminal(new RegExp(`line-${mark}-`));
        proxy.cut();
      }
      await learner.waitForTerminal(/line-400-/);
      await learner.page.reload();
      await learner.waitForTerminal(/^DONE$/m);

      const numbers = [...(await learner.terminalText()).matchAll(/^line-(\d+)-$/gm)].map((match) => Number(match[1]));
      expect(numbers).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
      await learner.waitForStatus(learner.block(first.id), 'passed');
      await learner.focusTerminal();
      await learner.page.keyboard.type('echo sti"ll" here');
      proxy.cut();
      await learner.page.keyboard.press('Enter');
      await learner.waitForTerminal(/^still here$/m);
      expect((await learner.terminalText()).match(/^still here$/gm)).toHaveLength(1);
      proxy.dispose();
      await learner.page.context().close(); // its console has the connections that were cut
    },
    LESSON_TIMEOUT_MS,
  );

  it('keeps terminal, step and results when the language changes', async () => {
    const learner = await openLesson(browser, taller.url);
    const [, second] = learner.lesson.steps;
    const first = findBlock(learner, () => true);
    await learner.click(first);
    if (second) await learner.goToStep(second);
    const before = await learner.terminalText();

    await learner.page
      .getByRole('link', { name: 'Español' })
      .or(learner.page.getByRole('button', { name: 'Español' }))
      .click();
    await learner.page.waitForFunction(() => document.documentElement.lang === 'es');

    expect(learner.page.url()).toBe(`${taller.url}/es/lessons/mesh-wide-mtls#step-2`);
    expect(await learner.terminalText()).toBe(before);
    const [firstStep] = learner.lesson.steps;
    await learner.page.goto(`${learner.page.url().split('#')[0]}#${firstStep?.id}`);
    await learner.waitForStatus(learner.block(first.id), 'passed');
    await learner.close();
  });
});

/** Ctrl-C ends a watch, as the lesson tells. */
async function typeAsLearner(learner: LessonPage, block: RunBlock): Promise<void> {
  await learner.type(block);
  if (await learner.page.locator('.terminal-pane .button--stop[aria-disabled="false"]').isVisible()) {
    await learner.page.keyboard.press('Control+c');
  }
  await learner.page.locator('.terminal-pane .button--stop[aria-disabled="true"]').waitFor();
}

function findBlock(learner: LessonPage, matches: (block: RunBlock) => boolean): RunBlock {
  const blocks = learner.lesson.steps.flatMap((step) => step.blocks);
  const found = blocks.find((block): block is RunBlock => block.kind === 'run' && matches(block));
  if (!found) throw new Error('the lesson has no such block');
  return found;
}
