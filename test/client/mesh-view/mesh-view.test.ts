import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOCALES } from '../../../common/locale.ts';
import { MESSAGES } from '../../../common/messages/index.ts';
import type { MeshGraph } from '../../../common/mesh.ts';
import { findViolations } from '../../browser/axe.ts';
import { chromiumPath } from '../../browser/browser.ts';
import { createPageBench, type PageBench } from '../page/page-bench.ts';
import { createLesson } from '../page/lesson-fixture.ts';
import { startFakeServer, type FakeServer } from '../page/fake-server.ts';
import { edge, graph, node, verdict } from './mesh-fixture.ts';

/** The mesh view in a browser, with a server that says what a test wants. */

const curl = node('legacy', 'curl', { sidecar: false, version: null });
const web = node('shop', 'web', {
  points: {
    requests: [0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6],
    successes: [0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3],
    mutual: [0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6],
  },
});
const cart = node('shop', 'cart');
const stock = node('shop', 'stock', { pods: 2 });
const idle = node('shop', 'idle');

const safe = edge(web, cart, { count: 7, recent: 2, responses: [{ code: 200, flags: '-', count: 7 }] });
const partly = edge(curl, web, { count: 4, mutual: { count: 1, of: 4 }, unknownToIstio: true });
const failing = edge(web, stock, {
  count: 3,
  errors: 3,
  mutual: { count: 0, of: 0 },
  sourceIdentity: null,
  destinationIdentity: null,
  responses: [{ code: 503, flags: 'UC', count: 3 }],
  verdicts: [
    {
      verdict: verdict({ code: 'upstream-failed', kind: 'DestinationRule', policy: 'shop/stock', detail: 'UC' }),
      count: 3,
    },
  ],
});
const refused = edge(curl, cart, {
  protocol: 'refused',
  count: 2,
  responses: [],
  mutual: { count: 0, of: 0 },
  sourceIdentity: null,
  destinationIdentity: null,
  services: [],
  verdicts: [{ verdict: verdict(), count: 2 }],
});
const FULL = graph([curl, web, cart, stock, idle], [safe, partly, failing, refused]);

describe.skipIf(!chromiumPath)('the mesh view', () => {
  let bench: PageBench;
  let server: FakeServer;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    bench = await createPageBench();
  });
  afterAll(async () => {
    await bench?.dispose();
  });
  beforeEach(async () => {
    server = await startFakeServer(bench.directory, createLesson);
  });
  afterEach(async () => {
    await page.context().close();
    await server.close();
    expect(problems).toEqual([]);
  });

  async function open(
    seen: MeshGraph | null = FULL,
    { locale = 'en', ...options }: Parameters<Browser['newContext']>[0] & { locale?: 'en' | 'es' } = {},
  ): Promise<void> {
    ({ page, problems } = await bench.open({ locale, ...options }));
    await page.goto(`${server.address}/${locale}/lessons/fixture`);
    await page.getByRole('tab', { name: MESSAGES[locale].mesh.tab }).click();
    await expect.poll(() => asked()).toContainEqual({ type: 'mesh-watch', windowSeconds: 60 });
    server.send({ type: 'mesh', graph: seen });
    await page.locator(seen === null ? '.mesh-view__empty' : '.mesh-picture').waitFor();
  }

  const asked = () => server.received.filter(({ type }) => type.startsWith('mesh-'));
  const edgeOf = (id: string) => page.locator(`.mesh-edge[data-edge="${id}"]`);
  const panel = () => page.getByRole('region', { name: MESSAGES.en.mesh.panel.heading });

  test('draws each edge in its colour, with the padlock that it deserves', async () => {
    await open();

    const drawn = await page
      .locator('.mesh-edge[data-edge]')
      .evaluateAll((edges) =>
        edges.map((one) => [
          one.getAttribute('data-edge'),
          one.getAttribute('data-health'),
          one.getAttribute('data-lock'),
        ]),
      );
    expect(drawn.toSorted()).toEqual(
      [
        [safe.id, 'healthy', 'all'],
        [partly.id, 'healthy', 'some'],
        [failing.id, 'failing', 'none'],
        [refused.id, 'refused', 'none'],
      ].toSorted(),
    );
    expect(await edgeOf(safe.id).locator('.lock-mark').getAttribute('data-lock')).toBe('all');
    expect(await edgeOf(partly.id).locator('.lock-mark').getAttribute('data-lock')).toBe('some');
    expect(await edgeOf(failing.id).locator('.lock-mark').count()).toBe(0);
    expect(await edgeOf(refused.id).locator('.mesh-label').textContent()).toBe('refused ×2');
    expect(await page.locator('.mesh-node[data-sidecar="false"]').getAttribute('data-node')).toBe(curl.id);
    // Dots where something moves, and nowhere else.
    expect(await page.locator('.mesh-edge__dots').count()).toBe(1);
    expect(await edgeOf(safe.id).locator('.mesh-edge__dots').count()).toBe(1);
  });

  test('nothing moves for who wants no motion', async () => {
    await open(FULL, { reducedMotion: 'reduce' });

    await edgeOf(safe.id).waitFor();
    expect(await page.locator('.mesh-edge__dots').evaluate((dots) => getComputedStyle(dots).display)).toBe('none');
  });

  test('an edge’s panel names both identities, codes and rates, by mouse and by keyboard', async () => {
    await open();
    await edgeOf(safe.id).locator('.mesh-label').click();

    const text = await panel().innerText();
    expect(text).toContain('spiffe://cluster.local/ns/shop/sa/web');
    expect(text).toContain('spiffe://cluster.local/ns/shop/sa/cart');
    expect(text).toContain('7 requests in the last minute');
    expect(text).toContain('0.12/s');
    expect(text).toMatch(/200\s+–\s+7/);
    expect(text).toContain('mTLS enabled: both sides showed a certificate');

    await edgeOf(failing.id).focus();
    await page.keyboard.press('Enter');
    expect(await panel().innerText()).toContain(
      'The client’s proxy sent as DestinationRule shop/stock tells it to, and got no answer from the server (UC).',
    );
    expect(await panel().innerText()).toMatch(/503\s+UC \(the server closed the connection\)\s+3/);
    await panel().getByRole('button', { name: 'Close the details' }).press('Enter');
    expect(await panel().count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-edge'))).toBe(failing.id);
  });

  test('a refused edge says why, and that it is no work of Istio’s', async () => {
    await open();
    await edgeOf(refused.id).locator('.mesh-label').click();

    const text = await panel().innerText();
    expect(text).toContain('2 refused connections in the last minute');
    expect(text).toContain(
      'The server requires mutual TLS by PeerAuthentication istio-system/default (STRICT, port 8080); the client has no sidecar and sent plaintext. ×2',
    );
    expect(text).toContain('Added by Taller');
    await edgeOf(partly.id).locator('.mesh-label').click();
    expect(await panel().innerText()).toContain('mTLS enabled for 25% of the traffic');
    expect(await panel().innerText()).toContain('calls this client “unknown”');
  });

  test('new numbers move nothing, and what is new is said', async () => {
    await open();
    const places = () =>
      page.locator('.mesh-node').evaluateAll((nodes) => nodes.map((one) => (one as SVGElement).style.transform));
    const before = await places();
    server.send({
      type: 'mesh',
      graph: { ...FULL, edges: [{ ...safe, count: 99, recent: 9 }, partly, failing, refused] },
    });
    await expect.poll(() => edgeOf(safe.id).locator('.mesh-label').textContent()).toBe('99×');
    expect(await places()).toEqual(before);

    const broken = { ...safe, errors: 50 };
    server.send({ type: 'mesh', graph: { ...FULL, edges: [broken, partly, failing, refused] } });
    await expect
      .poll(() => page.locator('.mesh-view [role="status"]').textContent())
      .toBe('Requests from web to cart fail.');
  });

  test('a panel beside the picture moves nothing in it', async () => {
    await open(FULL, { viewport: { width: 1800, height: 900 } });
    const places = () =>
      page.locator('.mesh-node').evaluateAll((nodes) => nodes.map((one) => (one as SVGElement).style.transform));
    const before = await places();

    await edgeOf(safe.id).locator('.mesh-label').click();

    const [picture, beside] = [await page.locator('.mesh-view__canvas').boundingBox(), await panel().boundingBox()];
    expect(beside?.x).toBeGreaterThanOrEqual((picture?.x ?? Infinity) + (picture?.width ?? 0));
    expect(await places()).toEqual(before);
  });

  test('the table has the same facts, and leads to the same panel', async () => {
    await open();
    await page.getByRole('button', { name: 'Table' }).click();

    const rows = await page.locator('.mesh-table').first().locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split('\t').map((cell) => cell.trim()))).toEqual([
      ['shop/web', 'shop/cart', 'HTTP', '7 requests', '0%', '100%', 'Healthy'],
      ['legacy/curl', 'shop/web', 'HTTP', '4 requests', '0%', '25%', 'Healthy'],
      ['shop/web', 'shop/stock', 'HTTP', '3 requests', '100%', '–', 'Failing'],
      ['legacy/curl', 'shop/cart', 'None', '2 refused connections', '–', '–', 'Refused'],
    ]);
    const workloads = await page.locator('.mesh-table').nth(1).locator('tbody tr').allInnerTexts();
    expect(workloads.map((row) => row.split('\t').map((cell) => cell.trim()))).toContainEqual([
      'curl',
      'legacy',
      'Workload',
      'no',
      '1',
    ]);
    await page.getByRole('button', { name: 'Details: legacy/curl to shop/cart' }).press('Enter');
    expect(await panel().innerText()).toContain('Added by Taller');
  });

  test('the dashboard charts volume, success and mTLS of each workload', async () => {
    await open();
    await page.getByRole('button', { name: 'Dashboard' }).click();

    const row = page.locator('[data-workload="workload shop/web"]');
    expect(
      await row.getByRole('img').evaluateAll((charts) => charts.map((one) => one.getAttribute('aria-label'))),
    ).toEqual([
      'Request volume of shop/web over time, 0.17/s in all',
      'Success rate of shop/web over time, 70% in all',
      'mTLS share of shop/web over time, 100% in all',
    ]);
    expect(await page.locator('[data-workload]').count()).toBe(1);
    expect((await page.locator('.mesh-totals').innerText()).split('\n').filter(Boolean)).toEqual([
      'Global request volume',
      '0.23/s',
      'Global success rate',
      '78.6%',
      '4xx',
      '0',
      '5xx',
      '3',
    ]);
  });

  test('idle workloads can be left out, another window can be asked for', async () => {
    await open();
    expect(await page.locator(`[data-node="${idle.id}"]`).count()).toBe(1);
    await page.getByRole('checkbox').uncheck();
    expect(await page.locator(`[data-node="${idle.id}"]`).count()).toBe(0);

    await edgeOf(safe.id).locator('.mesh-label').click();
    await page.getByRole('combobox').selectOption({ label: 'Last 5 minutes' });
    await expect.poll(() => asked().at(-1)).toEqual({ type: 'mesh-watch', windowSeconds: 300 });
    server.send({ type: 'mesh', graph: { ...FULL, windowSeconds: 300 } });
    await panel().getByText('7 requests in the last 5 minutes').waitFor();
    expect(asked().some(({ type }) => type === 'mesh-unwatch')).toBe(false);
    await page.getByRole('tab', { name: 'Terminal 1' }).click();
    await expect.poll(() => asked().at(-1)).toEqual({ type: 'mesh-unwatch' });
  });

  test('the head says what the mesh demands, and which object says so', async () => {
    const strict = { mode: 'STRICT', by: 'PeerAuthentication istio-system/default' };
    const mesh = { status: 'enabled', server: strict, client: null } as const;
    const namespaces = [
      { namespace: 'legacy', inherited: true, ...mesh },
      {
        namespace: 'shop',
        inherited: false,
        status: 'partial' as const,
        server: { mode: 'PERMISSIVE', by: 'PeerAuthentication shop/default' },
        client: null,
      },
    ];
    await open({ ...FULL, mesh, namespaces });

    const summary = page.locator('.mesh-status__summary');
    expect(await summary.innerText()).toContain('Mesh-wide mTLS is enabled, clients choose it by themselves');
    expect(await summary.locator('.lock-mark').getAttribute('data-lock')).toBe('all');
    await summary.click();
    const details = await page.locator('.mesh-status__list').innerText();
    expect(details).toContain('Servers: STRICT by PeerAuthentication istio-system/default.');
    expect(details).toContain(
      'mTLS is partially enabled for this namespace. Servers: PERMISSIVE by PeerAuthentication shop/default.',
    );
    expect(details).toContain('None of its pods has a sidecar, so it changes nothing here.');
    expect(await page.locator('.mesh-frame[data-namespace="shop"] .lock-mark').first().getAttribute('data-lock')).toBe(
      'some',
    );
    expect(await page.locator('.mesh-frame[data-namespace="legacy"] .lock-mark').count()).toBe(0);
  });

  test('the terminal can stay in view, or make room', async () => {
    await open();
    const screens = page.locator('.terminal-pane__screens');
    expect(await screens.isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Keep the terminal in view' }).click();
    expect(await screens.isVisible()).toBe(false);
    expect(await page.locator('.mesh-picture').isVisible()).toBe(true);
  });

  test('a cluster without a mesh says so', async () => {
    await open(null);

    expect(await page.locator('.mesh-view__empty').innerText()).toContain('There is no mesh to look at');
  });

  test('an address with #mesh opens it, and names no step', async () => {
    ({ page, problems } = await bench.open());
    await page.goto(`${server.address}/en/lessons/fixture#mesh`);

    await expect.poll(() => asked()).toHaveLength(1);
    expect(await page.getByRole('tab', { name: 'Mesh', selected: true }).count()).toBe(1);
    expect(new URL(page.url()).hash).toBe('');
  });

  const looks = LOCALES.flatMap((locale) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [1280, 390].map((width) => ({ locale, colorScheme, width, viewport: { width, height: 844 } })),
    ),
  );
  test.each(looks)(
    'axe finds nothing in $locale, $colorScheme, $width wide',
    async ({ locale, colorScheme, viewport }) => {
      await open(FULL, { locale, colorScheme, viewport });
      await page.locator('.mesh-legend summary').click();
      await page.locator('.mesh-status__summary').click();
      expect(await findViolations(page, '.terminal-pane')).toEqual([]);
      await page.locator('.mesh-status__summary').click();
      await edgeOf(refused.id).focus();
      await page.keyboard.press('Enter');
      await page.locator('.mesh-panel').waitFor();
      expect(await findViolations(page, '.terminal-pane')).toEqual([]);
      const isInView = (title: Element): boolean => {
        const { x, y } = title.getBoundingClientRect();
        return Boolean(document.elementFromPoint(x + 2, y + 2)?.closest('.mesh-panel'));
      };
      await expect.poll(() => page.locator('.mesh-panel__title').evaluate(isInView)).toBe(true);
      for (const face of [1, 2]) {
        await page.locator('.mesh-switch__way').nth(face).click();
        expect(await findViolations(page, '.terminal-pane')).toEqual([]);
      }
      // Nothing is wider than the page.
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    },
  );
});
