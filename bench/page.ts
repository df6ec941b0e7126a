import { spawn as spawnProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node-pty';
import { chromium, type Browser } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { median, type BenchRow } from './bench-row.ts';

const ROUNDS = 9;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** From opening a lesson's page to the first prompt, beside a page that shows a bare shell's prompt as text. */
export async function run(): Promise<BenchRow[]> {
  const taller = await startTaller();
  const bare = await startBare();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  const tallerTimes: number[] = [];
  const bareTimes: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const times = [
      await timeToPrompt(browser, `${taller.url}/en/lessons/mesh-wide-mtls`),
      await timeToPrompt(browser, bare.url),
    ];
    if (round === 0) continue; // the first round warms both
    tallerTimes.push(times[0] ?? 0);
    bareTimes.push(times[1] ?? 0);
  }
  await browser.close();
  taller.stop();
  bare.stop();
  return [
    {
      name: 'opening the page to the first prompt',
      value: median(tallerTimes),
      baseline: median(bareTimes),
      unit: 'ms',
    },
  ];
}

/** A context of its own for each visit: a new learner, an empty cache. */
async function timeToPrompt(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const started = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(() => {
    const screen = document.querySelector('.xterm-rows') ?? document.querySelector('pre');
    return screen?.textContent?.includes('$ ') ?? false;
  });
  const elapsed = performance.now() - started;
  await context.close();
  return elapsed;
}

function startTaller(): Promise<{ url: string; stop(): void }> {
  const launch = fileURLToPath(new URL('../../server/launch.mjs', import.meta.url));
  const child = spawnProcess(process.execPath, [launch, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done, fail) => {
    let text = '';
    child.once('exit', (code) => fail(new Error(`taller serve ended with ${code}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /http:\/\/\S+/.exec(text)?.[0];
      if (url) done({ url, stop: () => void child.kill() });
    });
  });
}

async function startBare(): Promise<{ url: string; stop(): void }> {
  const page = `<!doctype html><pre></pre><script>
    new WebSocket('ws://' + location.host).onmessage = (event) => { document.querySelector('pre').textContent += event.data; };
  </script>`;
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const shell = spawn('/bin/bash', ['--noprofile', '--norc'], { env: { PATH: '/usr/bin:/bin', PS1: '$ ' } });
    shell.onData((data) => socket.send(data));
    socket.once('close', () => shell.kill());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
