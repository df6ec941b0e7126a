import { describe, expect, it } from 'vitest';
import {
  decodeOutput,
  FLOW_ACK_BYTES,
  FLOW_HIGH_BYTES,
  FLOW_LOW_BYTES,
  type ServerMessage,
} from '../../../common/protocol.ts';
import { createAttachment, type Attachment } from '../../../server/terminal/attachment.ts';
import type { Terminal } from '../../../server/terminal/terminal.ts';
import { openTerminal } from './open-terminal.ts';
import { pollFor } from './poll-for.ts';
import { createRandom } from './random.ts';

/** A page with a terminal: what it drew, and keys that it sends again until they are acknowledged. */
class Page {
  attachment: Attachment | null = null;
  /** Output by offset; null until the first snapshot or output. */
  drawn: number | null = null;
  output = '';
  snapshots = 0;
  lastAck = 0;
  isAcknowledging = true;
  readonly unacknowledged: { seq: number; data: string }[] = [];
  #seq = 0;
  readonly #terminal: Terminal;
  readonly #input: { seq: number };
  /** Messages under way from the server; a cut loses them. */
  #wire: (() => void)[] = [];
  readonly #isLossy: boolean;

  constructor(terminal: Terminal, input = { seq: 0 }, isLossy = false) {
    this.#terminal = terminal;
    this.#input = input;
    this.#isLossy = isLossy;
  }

  async connect(): Promise<void> {
    const wire: (() => void)[] = [];
    this.#wire = wire;
    const receive = (delivery: () => void) => {
      if (!this.#isLossy) return delivery();
      wire.push(delivery);
      setImmediate(() => wire.shift()?.());
    };
    const attachment = createAttachment({
      terminal: this.#terminal,
      terminalNumber: 3,
      input: this.#input,
      send: (message) => receive(() => this.#read(message)),
      sendBytes: (frame) => receive(() => this.#draw(frame)),
    });
    this.attachment = attachment;
    await attachment.open(this.drawn, 80, 24);
    for (const { seq, data } of this.unacknowledged.slice()) attachment.input(seq, data);
  }

  /** The socket closes; what is under way is lost. */
  cut(): void {
    this.attachment?.dispose();
    this.attachment = null;
    this.#wire.length = 0;
  }

  type(data: string): void {
    const key = { seq: ++this.#seq, data };
    this.unacknowledged.push(key);
    this.attachment?.input(key.seq, key.data);
  }

  #read(message: ServerMessage): void {
    if (message.type === 'terminal-snapshot') {
      expect(message).toMatchObject({ terminal: 3, columns: 80, rows: 24 });
      this.snapshots++;
      this.output = message.data;
      this.drawn = this.lastAck = message.offset;
    } else if (message.type === 'input-ack') {
      while ((this.unacknowledged[0]?.seq ?? Infinity) <= message.seq) this.unacknowledged.shift();
    }
  }

  #draw(frame: Uint8Array): void {
    const { terminal, offset, data } = decodeOutput(frame)!;
    expect(terminal).toBe(3);
    // Nothing lost, nothing twice.
    expect(offset).toBe(this.drawn ?? 0);
    this.drawn = offset + data.length;
    this.output += Buffer.from(data).toString('latin1');
    if (this.isAcknowledging && this.drawn - this.lastAck >= FLOW_ACK_BYTES) this.ack();
  }

  ack(): void {
    this.lastAck = this.drawn!;
    this.attachment?.ack(this.drawn!);
  }
}

describe('createAttachment', () => {
  it('acknowledges often enough for the flow to go on', () => {
    expect(FLOW_ACK_BYTES).toBeLessThanOrEqual(FLOW_LOW_BYTES);
    expect(FLOW_LOW_BYTES).toBeLessThan(FLOW_HIGH_BYTES);
  });

  it('sends a new page a snapshot, and then the output', async () => {
    const shell = await openTerminal();
    await shell.type('echo before\r');
    const page = new Page(shell.terminal);

    await page.connect();
    expect(page.snapshots).toBe(1);
    expect(page.output).toContain('before');
    expect(page.drawn).toBe(shell.terminal.offset);
    await shell.type('echo after\r');

    await pollFor(() => page.output.includes('after\r\n'), true);
    page.cut();
  });

  it('sends a page that comes back what it missed', async () => {
    const shell = await openTerminal();
    const page = new Page(shell.terminal);
    await page.connect();
    page.cut();
    await shell.type('echo missed\r');
    page.output = '';

    await page.connect();

    expect(page.snapshots).toBe(1);
    expect(page.output).toContain('\rmissed\r\n');
    expect(page.drawn).toBe(shell.terminal.offset);
    page.cut();
  });

  it.each([
    ['too far behind', () => 0],
    ['ahead, of an earlier terminal', () => 1e9],
  ])('sends a snapshot to a page that is %s', async (_, offset) => {
    const shell = await openTerminal({ replayBytes: 1000 });
    await shell.type('seq 1 1000\r');
    const page = new Page(shell.terminal);
    page.drawn = offset();

    await page.connect();

    expect(page.snapshots).toBe(1);
    expect(page.drawn).toBe(shell.terminal.offset);
    expect(page.output).toContain('1000');
    page.cut();
  });

  it('takes the size of the page', async () => {
    const shell = await openTerminal({ columns: 100, rows: 50 });
    const page = new Page(shell.terminal);
    await page.connect();
    expect(await shell.type('stty size\r')).toMatchObject([{ output: '24 80\r\n' }]);

    page.attachment!.resize(120, 40);

    expect(await shell.type('stty size\r')).toMatchObject([{ output: '40 120\r\n' }]);
    page.cut();
  });

  it('types each key once, and acknowledges it each time', async () => {
    const shell = await openTerminal();
    const sent: ServerMessage[] = [];
    const input = { seq: 0 };
    const attach = () =>
      createAttachment({
        terminal: shell.terminal,
        terminalNumber: 1,
        input,
        send: (message) => sent.push(message),
        sendBytes() {},
      });
    const first = attach();
    first.input(1, 'echo o');
    first.input(2, 'n');
    first.dispose();
    first.input(3, 'lost');

    const second = attach();
    second.input(2, 'n');
    second.input(3, 'ce\r');
    second.dispose();

    await pollFor(() => shell.finished().map((command) => command.text), ['echo once']);
    expect(sent).toEqual([1, 2, 2, 3].map((seq) => ({ type: 'input-ack', terminal: 1, seq })));
  });

  it('stops a flood for a page that does not follow, and goes on when it does', async () => {
    const shell = await openTerminal();
    const page = new Page(shell.terminal);
    await page.connect();
    page.isAcknowledging = false;

    shell.terminal.write('yes | head -c 3000000; echo ov""er\r');
    await pollFor(() => page.drawn! - page.lastAck > FLOW_HIGH_BYTES, true);
    // It has stopped when as much has come as node-pty had read already.
    let last = -1;
    await pollFor(() => {
      const isStill = page.drawn === last;
      last = page.drawn!;
      return isStill;
    }, true);
    expect(page.drawn! - page.lastAck).toBeLessThan(FLOW_HIGH_BYTES + 256 * 1024);
    expect(page.output).not.toContain('over\r\n');
    page.isAcknowledging = true;
    page.ack();

    await pollFor(() => page.output.includes('over\r\n'), true);
    page.cut();
  });

  it('does not stop the shell when the page is gone', async () => {
    const shell = await openTerminal();
    const page = new Page(shell.terminal);
    await page.connect();
    page.isAcknowledging = false;
    shell.terminal.write('yes | head -c 3000000; echo ov""er\r');
    await pollFor(() => page.drawn! - page.lastAck > FLOW_HIGH_BYTES, true);

    page.cut();

    await pollFor(() => shell.finished().length, 1);
  });

  it.each([1, 2])('loses nothing and repeats nothing over 200 cuts: seed %i', async (seed) => {
    const random = createRandom(seed);
    const shell = await openTerminal();
    const page = new Page(shell.terminal, { seq: 0 }, true);
    await page.connect();
    await pollFor(() => page.snapshots, 1);
    const start = page.drawn!;
    page.output = '';
    const commands: string[] = [];

    for (let cut = 0; cut < 200; cut++) {
      // Some of the keys are pressed while there is no connection.
      const isOffline = random.below(3) === 0;
      if (isOffline) page.cut();
      for (let count = random.below(4); count >= 0; count--) {
        const command = `echo ${commands.length} ${'x'.repeat(random.below(200))}-`;
        commands.push(command);
        for (const part of command.match(/.{1,40}/g)!) page.type(part);
        page.type('\r');
      }
      if (isOffline) await page.connect();
      for (let turns = random.below(20); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      page.cut();
      await page.connect();
    }

    await pollFor(() => shell.finished().map((command) => command.text), commands, 20_000);
    await pollFor(() => [page.drawn, page.unacknowledged.length], [shell.terminal.offset, 0]);
    expect(page.snapshots).toBe(1);
    expect(page.output).toBe(shell.bytes().subarray(start).toString('latin1'));
    page.cut();
  });
});
