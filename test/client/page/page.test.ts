import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClientMessage } from '../../../common/protocol.ts';
import { findViolations } from '../../browser/axe.ts';
import { chromiumPath } from '../../browser/browser.ts';
import { createPageBench, type PageBench } from './page-bench.ts';
import type { FakeServer } from './fake-server.ts';
import { startFakeServer } from './fake-server.ts';
import { createLesson } from './lesson-fixture.ts';

describe.skipIf(!chromiumPath)('the page', () => {
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
    await open({});
  });

  afterEach(async () => {
    await page.context().close();
    await server.close();
  });

  async function open(options: Parameters<Browser['newContext']>[0]): Promise<void> {
    ({ page, problems } = await bench.open(options));
  }

  async function openLesson(path = '/en/lessons/fixture'): Promise<void> {
    await page.goto(server.address + path);
    await expect.poll(() => screen()).toContain('learner:~$');
  }

  /** First line of the terminal in front. */
  function screen(): Promise<string> {
    return page.evaluate(() => {
      const place = document.querySelector('.terminal-pane__screen[data-active="true"]') as
        | (Element & { terminal?: { buffer: { active: { getLine(row: number): { translateToString(): string } } } } })
        | null;
      return place?.terminal?.buffer.active.getLine(0).translateToString() ?? '';
    });
  }

  async function sent<T extends ClientMessage['type']>(type: T): Promise<Extract<ClientMessage, { type: T }>> {
    const matching = () =>
      server.received.filter((message): message is Extract<ClientMessage, { type: T }> => message.type === type);
    await expect.poll(() => matching()).not.toEqual([]);
    return matching().at(-1) as Extract<ClientMessage, { type: T }>;
  }

  const block = (id: string) => page.locator(`[data-block="${id}"]`);

  test('lists the lessons and opens one', async () => {
    await page.goto(`${server.address}/es`);
    await page.getByRole('link', { name: 'Una lección' }).click();

    await page.getByRole('heading', { level: 2, name: 'Primero' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/es/lessons/fixture');
    // Whoever cannot see that the page is another one hears it.
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    expect(problems).toEqual([]);
  });

  test('the list shows how far a lesson has come and leads there, until it is started over', async () => {
    await openLesson();
    server.send({ type: 'block-state', block: '1-1', state: { status: 'passed', how: 'clicked', running: false } });
    await page.locator('[data-block="1-1"][data-status="passed"]').waitFor();
    await page.goto(`${server.address}/es`);
    const card = page.locator('.card');

    await card.locator('[role="progressbar"], progress').waitFor();
    expect(await card.getAttribute('data-state')).toBe('started');
    expect(await card.innerText()).toMatch(/1 de \d+ tareas hechas/);
    expect(await card.innerText()).toContain('Continuar');

    await card.getByRole('link').click();
    expect(new URL(page.url()).hash).toBe('#step-1');
    await page.getByText('Lo que habías hecho aquí ya no existe').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await openLesson();
    await page.getByRole('button', { name: 'Restart lesson' }).click();
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.goto(`${server.address}/en`);
    await card.waitFor();
    expect(await card.getAttribute('data-state')).toBe('new');
    expect(problems).toEqual([]);
  });

  test('says that a lesson does not exist', async () => {
    await page.goto(`${server.address}/en/lessons/nowhere`);

    await page.getByRole('heading', { name: 'There is no such lesson' }).waitFor();
    await page.getByRole('link', { name: 'All lessons', exact: true }).click();
    await page.getByRole('heading', { name: 'Learn by doing' }).waitFor();
  });

  test('runs a block and shows the difference, line by line, and the hint', async () => {
    await openLesson();
    await page.getByRole('button', { name: 'Run: kubectl get pods' }).click();
    expect(await sent('block-run')).toEqual({ type: 'block-run', block: '1-1', interrupt: false });
    const lines = [
      { kind: 'different', expected: 'web 2/2 Running <age>', actual: 'web 1/2 Running 3s' },
      { kind: 'unexpected', actual: '' },
    ] as const;
    server.send({
      type: 'block-state',
      block: '1-1',
      state: {
        status: 'failed',
        how: 'clicked',
        failure: { reason: 'different', lines: [...lines], exit: { expected: 0, actual: 1 } },
      },
    });

    await page.locator('[data-block="1-1"][data-status="failed"]').waitFor();
    const said = block('1-1').locator('[role="status"].outcome');
    expect(await said.innerText()).toBe(
      'The output is not what it should be.\n\nThe command ended with exit status 1; it should end with 0.',
    );
    expect(await block('1-1').locator('.comparison__line').allInnerTexts()).toEqual([
      'expected\nweb 2/2 Running <age>',
      'came instead\nweb 1/2 Running 3s',
      'not expected\nan empty line',
    ]);
    expect(await block('1-1').getByText('Wait a little.').isVisible()).toBe(true);
  });

  test('asks before it interrupts a command', async () => {
    await openLesson();
    await page.getByRole('button', { name: 'Run: kubectl get pods' }).click();
    await sent('block-run');
    server.send({ type: 'block-refused', block: '1-1', reason: 'busy' });

    await page.getByRole('button', { name: 'Interrupt and run' }).click();

    await expect.poll(async () => (await sent('block-run')).interrupt).toBe(true);
    expect(await page.getByRole('button', { name: 'Interrupt and run' }).count()).toBe(0);
  });

  test('explains a check in words, with the hint for the clause', async () => {
    await openLesson();
    await page.getByRole('button', { name: 'Check: The whole mesh is STRICT.' }).click();
    expect(await sent('check-run')).toEqual({ type: 'check-run', check: 'strict' });
    const mode = { kind: 'field', clause: 'spec.mtls.mode', path: 'spec.mtls.mode', expected: 'STRICT' } as const;
    server.send({
      type: 'check-state',
      check: 'strict',
      state: { status: 'running', failures: [{ ...mode, actual: null }] },
    });

    const waiting = page.locator('[data-check="strict"][data-status="running"]');
    await waiting.getByText('spec.mtls.mode is not set; it should be STRICT.').waitFor();
    expect(await waiting.getByText('Look at the mode.').isVisible()).toBe(true);
    server.send({
      type: 'check-state',
      check: 'strict',
      state: { status: 'failed', failures: [{ ...mode, actual: 'PERMISSIVE' }] },
    });

    const check = page.locator('[data-check="strict"][data-status="failed"]');
    await check.getByText('spec.mtls.mode is PERMISSIVE; it should be STRICT.').waitFor();
    expect(await check.getByText('Look at the mode.').isVisible()).toBe(true);
  });

  test('says below a result why the mesh refused, open when it failed and folded when it passed', async () => {
    const verdicts = [
      {
        time: 0,
        code: 'plaintext-refused' as const,
        client: { namespace: 'noistio', pod: 'sleep-1', serviceAccount: 'sleep', sidecar: false },
        server: { namespace: 'shop', pod: 'web-1', serviceAccount: 'web', sidecar: true },
        port: 8080,
        mode: 'STRICT',
        kind: 'PeerAuthentication',
        policy: 'istio-system/default',
        detail: null,
        request: null,
      },
    ];
    await openLesson();
    server.send(
      {
        type: 'block-state',
        block: '1-1',
        state: { status: 'failed', how: 'clicked', failure: { reason: 'interrupted' }, verdicts },
      },
      { type: 'check-state', check: 'strict', state: { status: 'passed', verdicts } },
    );
    const why = (place: string) => page.locator(`${place} details.why`);

    await why('[data-block="1-1"]').waitFor();
    expect(await why('[data-block="1-1"]').locator('li').innerText()).toBe(
      'From noistio/sleep-1 to shop/web-1: The server requires mutual TLS by PeerAuthentication istio-system/default (STRICT, port 8080); the client has no sidecar and sent plaintext.',
    );
    expect(await why('[data-block="1-1"]').getAttribute('open')).not.toBeNull();
    expect(await why('[data-check="strict"]').getAttribute('open')).toBeNull();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('link', { name: /Español/ }).click();
    await page.getByText('¿Por qué? Lo que ha decidido la malla').first().waitFor();
    expect(await why('[data-block="1-1"]').locator('li').innerText()).toMatch(
      /^De noistio\/sleep-1 a shop\/web-1: El servidor /,
    );
  });

  test('asks before a lesson works on a real cluster, and says why one could not be used', async () => {
    await openLesson();
    const cluster = { server: 'https://lab:6443', context: 'lab', user: 'ann' };
    server.send({ type: 'cluster-question', cluster, problem: 'the namespace "shop" is in use' });
    const panel = page.locator('.cluster-question__panel');
    await panel.waitFor();

    expect(await panel.locator('dd').allInnerTexts()).toEqual(['https://lab:6443', 'lab', 'ann']);
    expect(await panel.locator('pre').innerText()).toBe('the namespace "shop" is in use');
    expect(await findViolations(page)).toEqual([]);
    await panel.getByRole('button', { name: 'Use this cluster' }).click();
    expect(await sent('cluster-accept')).toEqual({ type: 'cluster-accept', cluster });
    expect(await panel.count()).toBe(0);
    server.send({ type: 'cluster-question', cluster: null, problem: 'there is no kubeconfig' });
    await panel.getByRole('button', { name: 'Look again' }).click();
    await expect.poll(() => server.received).toContainEqual({ type: 'cluster-accept', cluster: null });
  });

  test('keeps terminal, step and progress when the language changes', async () => {
    await openLesson('/en/lessons/fixture#step-2');
    server.print('still here');
    await expect.poll(() => screen()).toContain('still here');
    server.send({ type: 'block-state', block: '2-1', state: { status: 'passed', how: 'typed', running: false } });
    await page.locator('[data-block="2-1"][data-status="passed"]').waitFor();

    await page.getByRole('link', { name: /Español/ }).click();
    await page.getByRole('heading', { level: 2, name: 'Segundo' }).waitFor();

    expect(await page.locator('html').getAttribute('lang')).toBe('es');
    expect(page.url()).toBe(`${server.address}/es/lessons/fixture#step-2`);
    expect(await screen()).toContain('still here');
    expect(await block('2-1').getByText('Como se esperaba, escrito por ti').isVisible()).toBe(true);
    expect(server.received.filter((message) => message.type === 'hello')).toHaveLength(1);
  });

  test('runs nothing that an author hid in the text', async () => {
    await openLesson('/en/lessons/fixture#step-2');
    await block('2-1').waitFor();

    const text = page.locator('.lesson__step');
    expect(await text.locator('script, form, input, iframe, [style], [onerror]').count()).toBe(0);
    expect(await text.locator('#script-link').getAttribute('href')).toBeNull();
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
  });

  test('opens a terminal when a command needs it', async () => {
    await openLesson('/en/lessons/fixture#step-2');

    await page.getByRole('button', { name: 'Run: echo two' }).click();

    await expect.poll(async () => (await sent('terminal-open')).terminal).toBe(2);
    expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Terminal 2');
  });

  test('is reached by the keyboard from the first link to the last block, and the terminal is left with Esc, Tab', async () => {
    await openLesson();
    const names: string[] = [];
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const focused = document.activeElement;
        return focused === document.body ? '' : (focused?.getAttribute('aria-label') ?? focused?.textContent ?? '');
      });
      if (name === '') break;
      names.push(name);
      if (name === 'Terminal 1' && names.at(-2) === 'Screen reader mode') break;
    }

    expect(names[0]).toBe('Skip to the lesson');
    const order = ['Run: kubectl get pods', 'Hint', 'Size of lesson and terminal', 'Stop (Ctrl-C)', 'Terminal 1'];
    const places = order.map((name) => names.lastIndexOf(name));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
    expect(names.some((name) => name === 'Check: The whole mesh is STRICT.')).toBe(true);

    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Screen reader mode');
    expect(server.received.filter((message) => message.type === 'terminal-input')).toEqual([]);
  });

  test.each([
    { hasTouch: false, shown: false },
    { hasTouch: true, shown: true },
  ])('has the keys that a phone lacks where fingers type: $hasTouch', async ({ hasTouch, shown }) => {
    await page.context().close();
    // A desktop of 1280x800 at a zoom of 200 % is as wide as that.
    await open({ viewport: { width: 640, height: 400 }, hasTouch, isMobile: hasTouch });
    await openLesson();

    expect(await page.locator('.key-bar').isVisible()).toBe(shown);
  });

  test('parts lesson and terminal, and shows progress, in the colours of the reader', async () => {
    await page.context().close();
    await open({ forcedColors: 'active' });
    await openLesson();

    const colour = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    const ground = await colour('body');
    expect(await colour('.splitter')).not.toBe(ground);
    expect(await colour('.step-nav__fill')).not.toBe(ground);
  });

  test('Ctrl-V pastes into the terminal, and not into a program that fills the screen', async () => {
    await openLesson();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => navigator.clipboard.writeText('kubectl get ns'));
    await page.locator('.xterm-helper-textarea').first().focus();
    const typed = () =>
      server.received.flatMap((message) => (message.type === 'terminal-input' ? [message.data] : [])).join('');

    await page.keyboard.press('Control+V');
    await expect.poll(typed).toBe('kubectl get ns');
    server.print('\x1b[?1049h');
    await expect.poll(() => screen()).not.toContain('learner');
    await page.keyboard.press('Control+V');

    await expect.poll(typed).toBe('kubectl get ns\x16');
  });

  test.each([
    ['en', 'light', 1280, 800],
    ['es', 'dark', 1280, 800],
    ['es', 'light', 390, 844],
    ['en', 'dark', 390, 844],
  ] as const)('breaks no rule of accessibility: %s, %s, %i wide', async (locale, colorScheme, width, height) => {
    await page.context().close();
    await open({ colorScheme, viewport: { width, height } });
    await page.goto(`${server.address}/${locale}`);
    await page.locator('.card').waitFor();
    expect(await findViolations(page)).toEqual([]);

    await openLesson(`/${locale}/lessons/fixture`);
    expect(await page.locator('html').getAttribute('data-theme')).toBe(colorScheme);
    server.send(
      {
        type: 'block-state',
        block: '1-1',
        state: {
          status: 'failed',
          how: 'clicked',
          failure: {
            reason: 'different',
            exit: null,
            lines: [
              { kind: 'same', text: 'a' },
              { kind: 'different', expected: 'b', actual: 'c' },
              { kind: 'elided', count: 2 },
              { kind: 'missing', expected: 'd' },
            ],
          },
        },
      },
      { type: 'check-state', check: 'strict', state: { status: 'passed' } },
    );
    await page.locator('[data-check="strict"][data-status="passed"]').waitFor();
    expect(await findViolations(page)).toEqual([]);
  });
});
