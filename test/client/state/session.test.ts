import { once } from 'node:events';
import headless from '@xterm/headless';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WebSocket as ServerSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Session } from '../../../client/state/session.ts';
import { createSession } from '../../../client/state/session.ts';
import type { Screen } from '../../../client/terminal/terminal-feed.ts';
import type { ClientMessage, ServerMessage, TerminalState } from '../../../common/protocol.ts';
import { encodeOutput, PROTOCOL_VERSION } from '../../../common/protocol.ts';
import { openSocket } from '../open-socket.ts';

let server: WebSocketServer;
let socket: ServerSocket;
let received: ClientMessage[];
let session: Session;
let hello: Extract<ServerMessage, { type: 'hello' }>;

const prompt: TerminalState = { terminal: 1, activity: 'prompt', exitCode: null, inputSeq: 0 };

beforeEach(async () => {
  received = [];
  hello = {
    type: 'hello',
    protocolVersion: PROTOCOL_VERSION,
    sessionId: 'first',
    ingress: '0123456789abcdef0123',
    blocks: {},
    checks: {},
    done: [],
    terminals: [],
    problems: [],
  };
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (connected) => {
    socket = connected;
    connected.on('message', (data) => {
      const message = JSON.parse(String(data)) as ClientMessage;
      received.push(message);
      if (message.type === 'hello') send(hello);
    });
  });
  session = open(false);
  await expect.poll(() => session.status.value.phase).toBe('open');
});

function open(started: boolean): Session {
  return createSession({ openSocket: () => openSocket(server), onWake: () => () => {}, random: () => 0 }, started);
}

afterEach(async () => {
  session.dispose();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

function send(...messages: ServerMessage[]): void {
  for (const message of messages) socket.send(JSON.stringify(message));
}

function ofType<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
  return received.filter((message): message is Extract<ClientMessage, { type: T }> => message.type === type);
}

function createScreen(): Screen & { text(): string } {
  const xterm = new headless.Terminal({ allowProposedApi: true });
  return {
    columns: xterm.cols,
    rows: xterm.rows,
    write: (data, drawn) => xterm.write(data, drawn),
    resize: (columns, rows) => xterm.resize(columns, rows),
    fit: () => {},
    text: () => xterm.buffer.active.getLine(0)?.translateToString(true) ?? '',
  };
}

/** Breaks the connection and waits until the page has said hello again. */
async function reconnect(): Promise<Extract<ClientMessage, { type: 'hello' }>> {
  const before = ofType('hello').length;
  socket.terminate();
  await expect.poll(() => ofType('hello')).toHaveLength(before + 1);
  await expect.poll(() => session.status.value.phase).toBe('open');
  return ofType('hello').at(-1) as Extract<ClientMessage, { type: 'hello' }>;
}

describe('results', () => {
  test('come with hello and change with each message', async () => {
    send({ ...hello, blocks: { '1-1': { status: 'passed', how: 'typed', running: false } }, done: ['1-1'] });
    send({ type: 'check-state', check: 'ready', state: { status: 'passed' } });

    await expect
      .poll(() => session.results.value)
      .toEqual({
        blocks: { '1-1': { status: 'passed', how: 'typed', running: false } },
        checks: { ready: { status: 'passed' } },
        done: new Set(['1-1', 'check:ready']),
      });
  });

  test('keep a command done that ran again with another result', async () => {
    send({ type: 'block-state', block: '1-2', state: { status: 'passed', how: 'clicked', running: false } });
    send({ type: 'block-state', block: '1-2', state: { status: 'running' } });

    await expect.poll(() => session.results.value.blocks['1-2']).toEqual({ status: 'running' });
    expect(session.results.value.done).toEqual(new Set(['1-2']));
  });

  test('are forgotten when the lesson starts over', async () => {
    send({ type: 'check-state', check: 'ready', state: { status: 'passed' } });
    await expect.poll(() => session.results.value.checks).toHaveProperty('ready');

    send({ type: 'session-restarted', ingress: '0123456789abcdef0123' });

    await expect.poll(() => session.results.value).toEqual({ blocks: {}, checks: {}, done: new Set() });
  });
});

describe('what the learner had made', () => {
  test('is lost when another session answers, until that is dismissed', async () => {
    hello = { ...hello, done: ['1-1'] };
    await reconnect();
    await expect.poll(() => session.results.value.done.size).toBe(1);
    expect(session.lost.value).toBe(false);

    hello = { ...hello, sessionId: 'second', done: [] };
    await reconnect();

    await expect.poll(() => session.lost.value).toBe(true);
    session.dismissLost();
    await reconnect();
    expect(session.lost.value).toBe(false);
  });

  test.each([
    ['lost', [], true],
    ['there', ['1-1'], false],
  ])('in an earlier page is %s when the session has done %j', async (_, done, lost) => {
    hello = { ...hello, done };
    const later = open(true);

    await expect.poll(() => later.status.value.phase).toBe('open');
    expect(later.lost.value).toBe(lost);
    later.dispose();
  });
});

describe('a block', () => {
  test('is on its way until the server answers', async () => {
    session.runBlock('1-1', false);
    expect([...session.requested.value]).toEqual(['block:1-1']);

    send({ type: 'block-state', block: '1-1', state: { status: 'running' } });

    await expect.poll(() => session.requested.value.size).toBe(0);
    expect(received.at(-1)).toEqual({ type: 'block-run', block: '1-1', interrupt: false });
  });

  test('that was refused stays so until the learner answers', async () => {
    send({ type: 'block-refused', block: '1-1', reason: 'busy' });
    await expect.poll(() => session.refusals.value).toEqual({ '1-1': 'busy' });

    session.runBlock('1-1', true);

    expect(session.refusals.value).toEqual({});
    await expect.poll(() => received.at(-1)).toEqual({ type: 'block-run', block: '1-1', interrupt: true });
  });

  test('is not on its way any more when the connection breaks', async () => {
    session.runBlock('1-1', false);

    await reconnect();

    expect(session.requested.value.size).toBe(0);
  });
});

describe('a terminal', () => {
  test('is asked for with what was drawn, and gets what is missing', async () => {
    const screen = createScreen();
    session.attach(1, screen);
    await expect.poll(() => ofType('terminal-open')).toHaveLength(1);
    socket.send(encodeOutput(1, 0, new TextEncoder().encode('one')));
    await expect.poll(() => screen.text()).toBe('one');

    const again = await reconnect();
    await expect.poll(() => ofType('terminal-open')).toHaveLength(2);
    socket.send(encodeOutput(1, 3, new TextEncoder().encode(' two')));

    expect(again.terminals).toEqual([{ terminal: 1, offset: 3, inputSeq: 0 }]);
    await expect.poll(() => screen.text()).toBe('one two');
  });

  test('gets each key once over a broken connection', async () => {
    const feed = session.attach(1, createScreen());
    feed.input('a');
    feed.input('b');
    await expect.poll(() => ofType('terminal-input')).toHaveLength(2);
    hello.terminals = [{ ...prompt, inputSeq: 1 }];

    await reconnect();

    await expect
      .poll(() => ofType('terminal-input').map(({ seq, data }) => `${seq}${data}`))
      .toEqual(['1a', '2b', '2b']);
  });

  test('keeps what is typed without a connection', async () => {
    const feed = session.attach(1, createScreen());
    socket.terminate();
    await expect.poll(() => session.status.value.phase).toBe('reconnecting');
    feed.input('ls');

    await expect
      .poll(() => ofType('terminal-input'))
      .toEqual([{ type: 'terminal-input', terminal: 1, seq: 1, data: 'ls' }]);
  });

  test('asks for a snapshot when output is missing', async () => {
    session.attach(1, createScreen());
    await expect.poll(() => ofType('terminal-open')).toHaveLength(1);

    socket.send(encodeOutput(1, 0, new Uint8Array(10)));
    socket.send(encodeOutput(1, 20, new Uint8Array(10)));

    await expect.poll(() => ofType('hello')).toHaveLength(2);
    expect(ofType('hello').at(-1)?.terminals).toEqual([]);
  });

  test.each([
    ['the server has made another session', () => (hello.sessionId = 'second')],
    ['a page that took over may have done anything', () => socket.close(4409)],
  ])('starts afresh when %s', async (_, happen) => {
    const screen = createScreen();
    const feed = session.attach(1, screen);
    socket.send(encodeOutput(1, 0, new TextEncoder().encode('old')));
    await expect.poll(() => screen.text()).toBe('old');
    feed.input('x');
    await expect.poll(() => ofType('terminal-input')).toHaveLength(1);

    happen();
    if (hello.sessionId === 'first') {
      await expect.poll(() => session.status.value.phase).toBe('closed');
      session.reconnect();
    } else {
      socket.terminate();
    }
    await expect.poll(() => ofType('terminal-open')).toHaveLength(2);
    send({ type: 'terminal-snapshot', terminal: 1, offset: 2, columns: 80, rows: 24, data: 'new' });

    await expect.poll(() => screen.text()).toBe('new');
    expect(ofType('terminal-input')).toHaveLength(1);
  });
});

test('the step that is shown is told again after a reconnect', async () => {
  session.showStep('step-3');
  await expect.poll(() => ofType('step-shown')).toHaveLength(1);

  await reconnect();

  await expect.poll(() => ofType('step-shown').map((message) => message.step)).toEqual(['step-3', 'step-3']);
});

describe('the mesh', () => {
  const graph = {
    time: 1,
    windowSeconds: 60,
    stepSeconds: 5,
    mesh: { status: 'enabled', server: null, client: null } as const,
    namespaces: [],
    automatic: true,
    nodes: [],
    edges: [],
  };

  test('comes while it is watched, and is forgotten afterwards', async () => {
    session.watchMesh(60);
    await expect.poll(() => ofType('mesh-watch')).toEqual([{ type: 'mesh-watch', windowSeconds: 60 }]);
    send({ type: 'mesh', graph });
    await expect.poll(() => session.mesh.value).toEqual({ graph });

    session.watchMesh(null);
    await expect.poll(() => ofType('mesh-unwatch')).toHaveLength(1);
    expect(session.mesh.value).toBeNull();
    send({ type: 'mesh', graph }, { type: 'check-state', check: 'after', state: { status: 'running' } });
    await expect.poll(() => session.results.value.checks['after']).toBeDefined();
    expect(session.mesh.value).toBeNull();
  });

  test('is asked for again after a reconnect', async () => {
    session.watchMesh(300);
    await expect.poll(() => ofType('mesh-watch')).toHaveLength(1);

    socket.terminate();

    await expect.poll(() => ofType('mesh-watch')).toHaveLength(2);
    expect(ofType('mesh-watch').at(-1)).toEqual({ type: 'mesh-watch', windowSeconds: 300 });
  });
});
