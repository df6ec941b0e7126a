import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCALES } from '../../common/locale.ts';
import { MESSAGES } from '../../common/messages/index.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { openLesson, type LessonPage } from './lesson-page.ts';
import { startTaller } from './taller-process.ts';

const POLICY = `printf '%s\\n' 'apiVersion: security.istio.io/v1' 'kind: PeerAuthentication' 'metadata: {name: default, namespace: istio-system}' 'spec: {mtls: {mode: STRICT}}' | kubectl apply -f -`;

/** A client with a sidecar in `in`, one without in `out`. */
const CLIENTS = [
  'kubectl create namespace in',
  'kubectl create namespace out',
  'kubectl label namespace in istio-injection=enabled',
  'kubectl -n in apply -f sleep.yaml',
  'kubectl -n out apply -f sleep.yaml',
  'kubectl -n in rollout status deployment/sleep',
  'kubectl -n out rollout status deployment/sleep',
].join('; ');

const call = (namespace: string) =>
  `kubectl -n ${namespace} exec deploy/sleep -c sleep -- curl -s -o /dev/null -w "%{http_code}\\n" http://cartservice.hipstershopv1v2:7070`;

describe.skipIf(!chromiumPath)('the mesh view of a running lesson', () => {
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

  let count = 0;
  /** Types a line into the terminal and waits until it has ended. */
  async function run(learner: LessonPage, line: string): Promise<void> {
    count += 1;
    await learner.focusTerminal();
    await learner.page.keyboard.type(`${line}; echo en""ded-${count}`);
    await learner.page.keyboard.press('Enter');
    await learner.waitForTerminal(new RegExp(`ended-${count}`));
  }

  it.each(LOCALES.map((locale) => ({ locale })))(
    'shows a request with its padlock, and one that STRICT refuses, in $locale',
    async ({ locale }) => {
      const learner = await openLesson(browser, taller.url, { locale });
      const { page } = learner;
      const t = MESSAGES[locale].mesh;
      const edge = (from: string, health: string) =>
        page.locator(
          `.mesh-edge[data-edge^="workload ${from}/sleep > workload hipstershopv1v2/cartservice"][data-health="${health}"]`,
        );
      await page.getByRole('tab', { name: t.tab }).click();
      await page.locator('[data-node="workload hipstershopv1v2/cartservice"]').waitFor();
      expect(await page.locator('.mesh-edge[data-edge]').count()).toBe(0);

      await run(learner, CLIENTS);
      await run(learner, `${call('in')}; ${call('out')}`);
      // gRPC is bytes here, for curl does not speak it: a connection each.
      const inside = page.locator('.mesh-edge[data-edge^="workload in/sleep > "]');
      await inside.waitFor();
      expect(await inside.getAttribute('data-lock')).toBe('all');
      const outside = page.locator('.mesh-edge[data-edge^="workload out/sleep > "]');
      await outside.waitFor();
      expect(await outside.getAttribute('data-lock')).toBe('none');

      await run(learner, POLICY);
      await run(learner, call('out'));
      await edge('out', 'refused').waitFor();
      await edge('out', 'refused').locator('.mesh-label').click();
      const panel = page.getByRole('region', { name: t.panel.heading });
      expect(await panel.innerText()).toContain('PeerAuthentication istio-system/default');
      expect(await panel.innerText()).toContain(t.panel.refusedIsOurs);
      await page.locator('.mesh-status__words', { hasText: t.status.mesh('enabled', true) }).waitFor();

      await page.getByRole('button', { name: t.toolbar.table }).click();
      const rows = await page.locator('.mesh-table').first().locator('tbody tr').allInnerTexts();
      expect(rows.filter((row) => row.includes(t.edge.amount('refused', 1)))).toHaveLength(1);
      await learner.close();
    },
  );

  it('has an address that the tools know, and a click on it in the terminal opens it in its place', async () => {
    const learner = await openLesson(browser, taller.url);
    const { page } = learner;
    await run(learner, 'clear; echo $TALLER_MESH_VIEW_URL');
    const address = `${taller.url}/lessons/mesh-wide-mtls/mesh`;
    expect(await learner.terminalText()).toContain(address);

    const response = await fetch(address, { redirect: 'manual', headers: { 'accept-language': 'es' } });
    expect(response.headers.get('location')).toBe('/es/lessons/mesh-wide-mtls#mesh');
    expect((await fetch(`${taller.url}/lessons/nosuch/mesh`, { redirect: 'manual' })).status).toBe(404);

    const screen = page.locator('.terminal-pane__screen[data-active="true"] .xterm-screen');
    const row = page
      .locator('.terminal-pane__screen[data-active="true"] .xterm-rows > div', { hasText: address })
      .last();
    const box = await row.boundingBox();
    if (!box) throw new Error(`the terminal has no row with ${address}`);
    await screen.hover({ position: { x: 60, y: box.y - ((await screen.boundingBox())?.y ?? 0) + box.height / 2 } });
    await page.mouse.down();
    await page.mouse.up();
    await page.locator('.mesh-picture').waitFor();
    expect(page.context().pages()).toHaveLength(1);
    await learner.close();
  });
});
