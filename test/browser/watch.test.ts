import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTempLesson } from '../server/session/temp-lesson.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { startTaller } from './taller-process.ts';

const MARKDOWN = `## First

What the author wrote.

\`\`\`sh run
echo one
\`\`\`

## Second

\`\`\`sh run
echo two
\`\`\`
`;

describe.skipIf(!chromiumPath)('an author who watches the page', () => {
  let browser: Browser;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  let taller: Awaited<ReturnType<typeof startTaller>>;
  beforeAll(async () => {
    lesson = await createTempLesson(
      MARKDOWN,
      { 'setup/a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n' },
      'setup: [a.yaml]\n',
    );
    taller = await startTaller(['--watch', '--lessons', lesson.directory]);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await taller?.stop();
    await lesson?.dispose();
  });

  const save = async (change: (text: string) => string): Promise<void> => {
    for (const locale of ['en', 'es']) {
      const file = join(lesson.directory, `${locale}.md`);
      await writeFile(file, change(await readFile(file, 'utf8')));
    }
  };
  const terminalText = (page: Page): Promise<string> => page.locator('.xterm-rows').innerText();

  it('sees what was saved, at the same step, with the same shell and results', async () => {
    const page = await browser.newPage();
    await page.goto(`${taller.url}/en/lessons/test#step-2`);
    const block = page.locator('[data-block="2-1"][data-status]');
    await block.locator('.block__actions button').first().click();
    await expect.poll(() => block.getAttribute('data-status')).toBe('passed');
    await page.locator('.terminal-pane').click();
    await page.keyboard.type('mark=$$; echo shell $mark\n');

    await save((text) => text.replace('## Second\n', '## Second\n\nA new paragraph.\n\n```sh run\necho new\n```\n'));
    await page.getByText('A new paragraph.').waitFor();

    expect(page.url()).toContain('#step-2');
    const moved = page.locator('[data-block="2-2"][data-status]');
    await expect.poll(() => moved.getAttribute('data-status')).toBe('passed');
    await page.locator('.terminal-pane').click();
    await page.keyboard.type('[ "$mark" = $$ ] && echo the same\\ shell\n');
    await expect.poll(() => terminalText(page)).toMatch(/^the same shell$/m);
    await page.close();
  });

  it('reads in the page what has to be mended, with file and line', async () => {
    const page = await browser.newPage();
    await page.goto(`${taller.url}/en/lessons/test`);
    await page.getByText('What the author wrote.').waitFor();

    await save((text) => text.replace('```sh run\necho one', '```sh rnu\necho one'));
    await page.getByText('en.md:5').waitFor();
    expect(await page.getByRole('status').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/es\.md:5.*Did you mean "run"\?/s)]),
    );
    expect(await page.getByText('What the author wrote.').isVisible()).toBe(true);

    await save((text) => text.replace('```sh rnu\necho one', '```sh run\necho one'));
    await page.getByText('en.md:5').waitFor({ state: 'detached' });
    await page.close();
  });

  it('reads what keeps a lesson from being shown, and sees it once that is mended', async () => {
    const broken = await createTempLesson(MARKDOWN.replace('```sh run', '```sh rnu'));
    const other = await startTaller(['--watch', '--lessons', broken.directory]);
    const page = await browser.newPage();
    try {
      await page.goto(`${other.url}/es/lessons/test`);
      await page.getByText('es.md:5').waitFor();

      for (const locale of ['en', 'es']) await writeFile(join(broken.directory, `${locale}.md`), MARKDOWN);

      await page.getByText('What the author wrote.').waitFor();
    } finally {
      await page.close();
      await other.stop();
      await broken.dispose();
    }
  });

  it('is told when the cluster is older than what was saved, and starts over', async () => {
    const page = await browser.newPage();
    await page.goto(`${taller.url}/en/lessons/test`);
    await page.getByText('What the author wrote.').waitFor();
    await page.locator('.xterm-rows').waitFor();

    await writeFile(join(lesson.directory, 'setup/a.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: { name: b }\n');
    const notes = page.locator('.author-notes__stale');
    await notes.getByRole('button').click();
    await notes.waitFor({ state: 'detached' });
    await page.locator('.terminal-pane').click();
    await page.keyboard.type('kubectl get namespace b -o name\n');

    await expect.poll(() => terminalText(page)).toContain('namespace/b');
    await page.close();
  });
});
