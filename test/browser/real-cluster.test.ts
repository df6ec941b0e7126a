import { dirname } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTempLesson } from '../server/session/temp-lesson.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { startTaller } from './taller-process.ts';
import { createSomebodysCluster, type SomebodysCluster } from '../server/session/somebodys-cluster.ts';

const MARKDOWN = `## One

\`\`\`sh run
kubectl create configmap mine --from-literal=a=b
\`\`\`

\`\`\`output
configmap/mine created
\`\`\`

\`\`\`check made
object: configmap mine
has:
  data.a: b
\`\`\`
`;
const SETUP = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';

/** An embedded cluster in the place of somebody's own. */
describe.skipIf(!chromiumPath)('a lesson on a real cluster', () => {
  let theirs: SomebodysCluster;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  let taller: Awaited<ReturnType<typeof startTaller>>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    theirs = await createSomebodysCluster();
    lesson = await createTempLesson(
      MARKDOWN,
      { 'setup/shop.yaml': SETUP },
      'environment: kubeconfig\nsetup: [shop.yaml]\n',
    );
    taller = await startTaller(['--lessons', dirname(lesson.directory)], { KUBECONFIG: theirs.kubeconfig });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await taller?.stop();
    await theirs.dispose();
    await lesson.dispose();
  });

  const panel = () => page.locator('.cluster-question__panel');

  it('names the cluster and does nothing there until the learner agrees', async () => {
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();

    await page.goto(`${taller.url}/en/lessons/test`);
    await panel().waitFor();

    expect(await panel().getByRole('heading').innerText()).toBe('This lesson works on a real cluster');
    expect(await panel().locator('dd').allInnerTexts()).toEqual([theirs.url, 'lab-as-ann', 'ann']);
    expect(theirs.namespaces()).not.toContain('shop');
  });

  it('says so in the language of the page', async () => {
    await page.goto(`${taller.url}/es/lessons/test`);
    await panel().waitFor();

    expect(await panel().getByRole('heading').innerText()).toBe('Esta lección trabaja en un clúster real');
  });

  it('says what stands in the way, and goes on once it is gone', async () => {
    theirs.cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }]);
    await page.goto(`${taller.url}/en/lessons/test`);
    const agree = panel().getByRole('button', { name: 'Use this cluster' });

    await agree.click();
    const problem = panel().locator('pre');
    await problem.waitFor();

    expect(await problem.innerText()).toMatch(/^the cluster has a namespace "shop" already, and it is not Taller's\./);
    await fetch(`${theirs.url}/api/v1/namespaces/shop`, { method: 'DELETE' });
    await expect.poll(() => theirs.namespaces()).not.toContain('shop');

    await agree.click();
    await page.locator('.terminal-pane__screen[data-active="true"] textarea').waitFor({ state: 'attached' });
    await expect.poll(() => theirs.namespaces()).toContain('shop');
    expect(await panel().count()).toBe(0);
  });

  it('runs its commands and checks there', async () => {
    await page.locator('[data-block="1-1"] .block__actions button').first().click();

    await page.locator('[data-block="1-1"][data-status="passed"]').waitFor();
    await page.locator('[data-check="made"][data-status="passed"]').waitFor();
    expect(theirs.cluster.get('configmaps', 'shop', 'mine')?.data).toEqual({ a: 'b' });
  });

  it('asks once: the page comes back without a question', async () => {
    await page.reload();

    await page.locator('[data-block="1-1"][data-status="passed"]').waitFor();
    expect(await panel().count()).toBe(0);
  });

  it('takes its namespaces along when the server stops', async () => {
    await taller.stop();

    expect(theirs.namespaces()).not.toContain('shop');
  });
});
