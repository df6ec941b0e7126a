import { SerializeAddon } from '@xterm/addon-serialize';
// CommonJS that Node finds no names in, unlike its typings: only the default is there.
import headless from '@xterm/headless';

/** Lines above the screen that a snapshot holds. */
const SCROLLBACK_LINES = 1000;

export interface ScreenHistory {
  /** Output from some point on, as the pty gave it. */
  bytes: Uint8Array;
  /** Offset of the first byte. */
  start: number;
  /** Sizes by the offset from which they hold, in order; the first holds at `start`. */
  sizes: readonly ScreenSize[];
}

export interface ScreenSize {
  offset: number;
  columns: number;
  rows: number;
}

/**
 * The screen with its scrollback that a terminal shows after `history`, as escape sequences for a new terminal of
 * the last size. A terminal emulator is built for this call: one per terminal would cost 1 MB and 35 ms of processor
 * per MB of output. Nothing in the result makes a terminal answer, unlike raw output with its queries.
 */
export async function renderScreen(history: ScreenHistory): Promise<string> {
  const [first, ...resizes] = history.sizes;
  const terminal = new headless.Terminal({
    cols: first!.columns,
    rows: first!.rows,
    scrollback: SCROLLBACK_LINES,
    // For the serialize addon.
    allowProposedApi: true,
  });
  try {
    const serializer = new SerializeAddon();
    terminal.loadAddon(serializer);
    let written = 0;
    for (const size of resizes) {
      const until = size.offset - history.start;
      await write(terminal, history.bytes.subarray(written, until));
      written = until;
      terminal.resize(size.columns, size.rows);
    }
    await write(terminal, history.bytes.subarray(written));
    return serializer.serialize({ scrollback: SCROLLBACK_LINES });
  } finally {
    terminal.dispose();
  }
}

function write(terminal: InstanceType<typeof headless.Terminal>, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => terminal.write(bytes, resolve));
}
