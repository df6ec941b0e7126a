import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { createTallerServer } from '../../../server/cli/serve.ts';
import { CloseCode } from '../../../common/protocol.ts';
import { createTempLesson } from '../session/temp-lesson.ts';
import { connectTo, HELLO, visit } from './taller-client.ts';

const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const MARKDOWN = '## One\n\n```sh run\necho hello\n```\n\n```output\nhello\n```\n';

describe('the sockets of pages', () => {
  let workplace: Workplace;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  let broken: Awaited<ReturnType<typeof createTempLesson>>;
  let server: ReturnType<typeof createTallerServer>;
  let url: string;
  const errors: unknown[] = [];
  beforeAll(async () => {
    workplace = await createWorkplace(`${dist}commands/kubectl.cjs`);
    lesson = await createTempLesson(MARKDOWN);
    broken = await createTempLesson(MARKDOWN, { 'setup/a.yaml': 'kind: nothing\n' }, 'setup: [a.yaml]\n');
    const brokenLesson = await broken.load();
    server = createTallerServer({
      lessons: [await lesson.load(), { ...brokenLesson, id: 'broken' }],
      workplace,
      clientDirectory: `${dist}client`,
      allowedHosts: ['lab.example'],
      logger: { info: () => undefined, error: (message, error) => errors.push(message, error) },
    });
    url = await server.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await server.dispose();
    await workplace.dispose();
    await lesson.dispose();
    await broken.dispose();
    expect(errors).toEqual([]);
  });

  /** Asks for an upgrade by hand. @returns the status that answers it. */
  const upgrade = (headers: Record<string, string>, path = '/ws/test'): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request(`${url}${path}`, {
        headers: {
          connection: 'upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...headers,
        },
      });
      asked.once('response', (response) => resolve(response.resume().statusCode ?? 0));
      asked.once('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      });
      asked.once('error', reject);
      asked.end();
    });

  it('open for a page of ours', async () => {
    const { host } = new URL(url);
    const cookie = await visit(url);

    expect(await upgrade({ host, origin: url, cookie })).toBe(101);
    expect(await upgrade({ host: 'lab.example', origin: 'https://lab.example', cookie })).toBe(101);
  });

  it('are refused to every other origin and host', async () => {
    const { host, port } = new URL(url);
    const cookie = await visit(url);
    const origins = [
      'null',
      '',
      'http://evil.example',
      `http://evil.example:${port}`,
      `http://${host}.evil.example`,
      `http://${host}/`,
      `http://user@${host}`,
      `http://localhost:${port}`,
      `http://127.0.0.1`,
      `http://127.0.0.1:1${port}`,
      `ftp://${host}`,
      `http://[::1]:${port}`,
      `http://127.1:${port}`,
      `http://2130706433:${port}`,
      `HTTP://${host}`,
      `http://${host}, ${url}`,
      'file://',
      'chrome-extension://abc',
      `http://127.0.0.1:${port}@evil.example`,
      'http://xn--localhost-',
      `//${host}`,
    ];
    for (const origin of origins) expect(await upgrade({ host, origin, cookie }), origin).toBe(403);
    expect(await upgrade({ host, cookie }), 'no origin').toBe(403);
    for (const name of [
      'evil.example',
      `evil.example:${port}`,
      'lab.example.evil.example',
      `127.0.0.1.evil.example:${port}`,
    ]) {
      expect(await upgrade({ host: name, origin: `http://${name}`, cookie }), name).toBe(403);
    }
  });

  it.each(['/', '/ws/', '/ws/test/1', '/ws/TEST', '/ws/test?x=1', '/k/abc'])(
    'exist at no path like %s',
    async (path) => {
      const { host } = new URL(url);

      expect(await upgrade({ host, origin: url, cookie: await visit(url) }, path)).toBe(404);
    },
  );

  it('close when the cookie is not ours, the lesson is unknown, or a message cannot be read', async () => {
    const cookie = await visit(url);
    expect(await (await connectTo(url, '')).closed).toBe(CloseCode.unauthorized);
    expect(await (await connectTo(url, `${cookie.slice(0, -1)}x`)).closed).toBe(CloseCode.unauthorized);
    expect(await (await connectTo(url, cookie, '/ws/nosuch')).closed).toBe(CloseCode.notFound);
    for (const frame of ['', '{}', '[1]', '{"type":"terminal-open","terminal":1,"columns":80,"rows":24}']) {
      const client = await connectTo(url, cookie);
      client.send(frame);
      expect(await client.closed, frame).toBe(CloseCode.badMessage);
    }
    const old = await connectTo(url, cookie);
    old.send(JSON.stringify({ ...HELLO, protocolVersion: 0 }));
    expect(await old.closed).toBe(CloseCode.upgrade);
  });

  it('close for good when the lesson cannot start, and tell its author where the mistake is', async () => {
    const client = await connectTo(url, await visit(url), '/ws/broken');

    expect(await client.closed).toBe(CloseCode.broken);
    expect(errors.splice(0)).toEqual([expect.stringContaining('setup/a.yaml:1: the manifest has no'), undefined]);
  });

  it('close on a frame that is too large, and on too many messages', async () => {
    const cookie = await visit(url);
    const large = await connectTo(url, cookie);
    large.send('x'.repeat(70_000));
    expect(await large.closed).toBe(1009);

    const many = await connectTo(url, cookie);
    many.send(HELLO);
    for (let count = 0; count < 3_000; count++) many.send({ type: 'step-shown', step: 'step-1' });
    expect(await many.closed).toBe(CloseCode.tooMany);
  });

  it('are closed after a refusal, also to a peer that goes on', async () => {
    const { host, hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString()));
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(`GET /ws/test HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
    const talking = setInterval(() => socket.write('more'), 20);

    await closed;

    clearInterval(talking);
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  });

  it('outlive broken frames of strangers', async () => {
    const stranger = await connectTo(url, '');
    stranger.send('x'.repeat(70_000));

    expect([1009, CloseCode.unauthorized]).toContain(await stranger.closed);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('run a block and bring its result', async () => {
    const client = await connectTo(url, await visit(url));
    client.send(HELLO);
    const hello = await client.waitFor('hello');
    client.send({ type: 'terminal-open', terminal: 1, columns: 100, rows: 30 });
    client.send({ type: 'block-run', block: '1-1', interrupt: false });

    await expect
      .poll(() => client.messages.filter((message) => message.type === 'block-state').at(-1))
      .toEqual({ type: 'block-state', block: '1-1', state: { status: 'passed', how: 'clicked', running: false } });
    expect(hello.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(client.text).toContain('hello');
    client.close();
  });

  it('give the session to the page that came last, with all its state', async () => {
    const cookie = await visit(url);
    const first = await connectTo(url, cookie);
    first.send(HELLO);
    const { sessionId } = await first.waitFor('hello');
    first.send({ type: 'block-run', block: '1-1', interrupt: false });
    await expect
      .poll(() => first.messages.some((message) => message.type === 'block-state' && message.state.status === 'passed'))
      .toBe(true);

    const second = await connectTo(url, cookie);
    second.send(HELLO);

    expect(await first.closed).toBe(CloseCode.takenOver);
    const hello = await second.waitFor('hello');
    expect(hello.sessionId).toBe(sessionId);
    expect(hello.blocks['1-1']).toEqual({ status: 'passed', how: 'clicked', running: false });
    second.close();
  });

  it('give every learner a session of their own', async () => {
    const one = await connectTo(url, await visit(url));
    const other = await connectTo(url, await visit(url));
    one.send(HELLO);
    other.send(HELLO);

    expect((await one.waitFor('hello')).sessionId).not.toBe((await other.waitFor('hello')).sessionId);
    one.close();
    other.close();
  });
});

describe('pages', () => {
  let workplace: Workplace;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  let server: ReturnType<typeof createTallerServer>;
  let url: string;
  beforeAll(async () => {
    workplace = await createWorkplace(`${dist}commands/kubectl.cjs`);
    lesson = await createTempLesson(MARKDOWN, {
      'images/a.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'images/a.txt': 'no',
    });
    const logger = { info: () => undefined, error: () => undefined };
    server = createTallerServer({
      lessons: [await lesson.load()],
      workplace,
      clientDirectory: `${dist}client`,
      allowedHosts: [],
      logger,
    });
    url = await server.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await server.dispose();
    await workplace.dispose();
    await lesson.dispose();
  });

  it('send the reader to their language', async () => {
    const go = (headers: Record<string, string>) => fetch(url, { headers, redirect: 'manual' });

    expect((await go({ 'accept-language': 'es-ES,es;q=0.9' })).headers.get('location')).toBe('/es');
    expect((await go({ 'accept-language': 'de' })).headers.get('location')).toBe('/en');
    expect((await go({ 'accept-language': 'en', cookie: 'taller-locale=es' })).headers.get('location')).toBe('/es');
  });

  it('come with a policy that runs no foreign script', async () => {
    const { headers, status } = await fetch(`${url}/en`);

    const policy = headers.get('content-security-policy') ?? '';
    expect(status).toBe(200);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    for (const path of [
      '/nosuch',
      '/api/lessons',
      '/api/lessons/nosuch',
      '/%',
      '/lessons/test/images/a.svg',
      '/healthz',
    ]) {
      const answer = await fetch(url + path);
      expect(answer.headers.get('content-security-policy'), path).toBe(policy);
      expect(answer.headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(answer.headers.get('referrer-policy'), path).toBe('same-origin');
    }
  });

  it('list lessons and show one in a language', async () => {
    const list = (await (await fetch(`${url}/api/lessons?locale=es`)).json()) as unknown;
    const one = (await (await fetch(`${url}/api/lessons/test?locale=es`)).json()) as { locale: string };

    expect(list).toEqual([
      {
        id: 'test',
        title: 'Prueba',
        summary: 'Una prueba.',
        minutes: 1,
        level: 'beginner',
        stepCount: 1,
        tool: 'kubectl',
        istio: null,
        position: null,
      },
    ]);
    expect(one.locale).toBe('es');
    expect((await fetch(`${url}/api/lessons/nosuch`)).status).toBe(404);
  });

  it('give out images of lessons and nothing else', async () => {
    expect((await fetch(`${url}/lessons/test/images/a.svg`)).headers.get('content-type')).toContain('image/svg+xml');
    const paths = [
      'a.txt',
      '..%2flesson.yaml',
      '%2e%2e/lesson.yaml',
      '..%5clesson.yaml',
      'a.svg%00',
      '.a.svg',
      'nosuch.png',
      '....//a.svg',
    ];
    await symlink('/etc/hostname', join(lesson.directory, 'images/link.png'));
    await symlink('../lesson.yaml', join(lesson.directory, 'images/near.png'));
    execFileSync('mkfifo', [join(lesson.directory, 'images/pipe.png')]);
    for (const path of [...paths, 'link.png', 'near.png', 'pipe.png']) {
      expect((await fetch(`${url}/lessons/test/images/${path}`)).status, path).toBe(404);
    }
  });

  it('do not answer to a host that was rebound to this machine', async () => {
    const ask = (path: string, host: string): Promise<IncomingMessage> =>
      new Promise((resolve) => {
        request(url, { path, headers: { host } }, (response) => resolve(response.resume())).end();
      });

    for (const path of ['/en', `${url}/en`, 'http://evil.example/en']) {
      const answer = await ask(path, 'evil.example');
      expect(answer.statusCode, path).toBe(403);
      expect(answer.headers['set-cookie'], path).toBeUndefined();
      expect(answer.headers['content-security-policy'], path).toContain("default-src 'self'");
    }
  });

  it('answer whatever is asked', async () => {
    for (const path of [
      '/%',
      '/%c0%af',
      '/en/lessons/%00',
      '/xx',
      '/assets/../../package.json',
      `/${'a'.repeat(5000)}`,
    ]) {
      expect((await fetch(url + path)).status, path).toBeGreaterThanOrEqual(400);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
