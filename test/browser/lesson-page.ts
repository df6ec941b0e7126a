import type { Browser, Locator, Page } from 'playwright-core';
import type { CheckBlock, Lesson, RunBlock, Step } from '../../common/lesson.ts';
import type { Locale } from '../../common/locale.ts';

const LESSON = 'mesh-wide-mtls';

/** A lesson in a browser, and what a learner does with it. */
export interface LessonPage {
  page: Page;
  lesson: Lesson;
  block(id: string): Locator;
  check(name: string): Locator;
  goToStep(step: Step): Promise<void>;
  /** Presses the block's button and waits for its verdict. */
  click(block: RunBlock): Promise<void>;
  /** Types the block's command into the terminal, key by key, and waits for its verdict. */
  type(block: RunBlock): Promise<void>;
  pressCheck(check: CheckBlock): Promise<void>;
  waitForStatus(locator: Locator, status: string): Promise<void>;
  focusTerminal(): Promise<void>;
  /** All lines of the terminal, scrollback included, without trailing blanks. */
  terminalText(): Promise<string>;
  waitForTerminal(pattern: RegExp): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  locale?: Locale;
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
}

/** How long anything may take before a test gives up: a busy machine needs many times what a free one does. */
const PATIENCE_MS = 60_000;

/** Opens the lesson as a new learner and waits for the prompt. */
export async function openLesson(browser: Browser, url: string, options: OpenOptions = {}): Promise<LessonPage> {
  const { locale = 'en', viewport = { width: 1280, height: 800 }, colorScheme = 'light' } = options;
  const context = await browser.newContext({ viewport, colorScheme, locale });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  const response = await fetch(`${url}/api/lessons/${LESSON}?locale=${locale}`);
  const lesson = (await response.json()) as Lesson;
  await page.goto(`${url}/${locale}/lessons/${LESSON}`);

  const self: LessonPage = {
    page,
    lesson,
    block: (id) => page.locator(`[data-block="${id}"][data-status]`),
    check: (name) => page.locator(`[data-check="${name}"]`),
    async goToStep(step) {
      await page.goto(`${page.url().split('#')[0]}#${step.id}`);
      await page.getByRole('heading', { level: 2, name: step.title }).waitFor();
    },
    async click(block) {
      await self.block(block.id).locator('.block__actions button').first().click();
      await self.waitForStatus(self.block(block.id), 'passed');
    },
    async type(block) {
      await self.focusTerminal();
      for (const line of block.command.split('\n')) {
        await page.keyboard.type(line);
        await page.keyboard.press('Enter');
      }
      await self.waitForStatus(self.block(block.id), 'passed');
    },
    async pressCheck(check) {
      // Checks of a step whose commands have all passed run by themselves.
      if ((await self.check(check.name).getAttribute('data-status')) === 'idle') {
        await self.check(check.name).locator('button').first().click();
      }
      await self.waitForStatus(self.check(check.name), 'passed');
    },
    async waitForStatus(locator, status) {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const actual = await locator.getAttribute('data-status');
        if (actual === status) return;
        const settled = actual === 'failed' || actual === 'passed';
        if (settled || Date.now() > deadline) {
          // A verdict may turn at once when a watch ends, so look a second time before giving up.
          if (settled && (await becomes(locator, status, 2_000))) return;
          throw new Error(
            `expected ${status}, found ${actual}: ${await locator.innerText()}\n--- terminal\n${await self.terminalText()}`,
          );
        }
        await page.waitForTimeout(25);
      }
    },
    async focusTerminal() {
      await page.locator('.terminal-pane__screen[data-active="true"] textarea').focus();
    },
    terminalText: () =>
      page.evaluate(() => {
        interface Buffer {
          length: number;
          getLine(index: number): { translateToString(trim: boolean): string; isWrapped: boolean } | undefined;
        }
        const host = document.querySelector('.terminal-pane__screen[data-active="true"]') as unknown as {
          terminal?: { buffer: { active: Buffer } };
        } | null;
        if (!host?.terminal) return ''; // the page is still loading
        const buffer = host.terminal.buffer.active;
        const lines: string[] = [];
        for (let index = 0; index < buffer.length; index++) {
          const line = buffer.getLine(index);
          const text = line?.translateToString(true) ?? '';
          if (line?.isWrapped) lines[lines.length - 1] += text;
          else lines.push(text);
        }
        return lines.join('\n').trimEnd();
      }),
    async waitForTerminal(pattern) {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const text = await self.terminalText();
        if (pattern.test(text)) return;
        if (Date.now() > deadline) throw new Error(`the terminal never showed ${pattern}:\n${text}`);
        await page.waitForTimeout(25);
      }
    },
    async close() {
      await context.close();
      if (problems.length > 0) throw new Error(`the browser's console has problems:\n${problems.join('\n')}`);
    },
  };
  await page.locator('.terminal-pane__screen[data-active="true"] textarea').waitFor({ state: 'attached' });
  await self.waitForTerminal(/\$ *$/);
  return self;
}

async function becomes(locator: Locator, status: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if ((await locator.getAttribute('data-status')) === status) return true;
    await locator.page().waitForTimeout(25);
  }
  return false;
}
