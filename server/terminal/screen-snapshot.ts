import { SerializeAddon } from '@xterm/addon-serialize';
// CommonJS that Node finds no names in, unlike its typings: only the default is there.
import headless from '@xterm/headless';

/** Lines above the screen that a snapshot holds. */
const SCROLLBACK_LINES = 1000;

/** Output that a terminal of this size was given. */
export interface SizedOutput {
  columns: number;
  rows: number;
  bytes: Uint8Array;
}

/**
 * The screen with its scrollback that a terminal shows after `prefix` and `pieces`, as escape sequences for a new
 * terminal of the last size. An emulator is built for this call: one per terminal would cost 1 MB and 35 ms of
 * processor per MB of output. Nothing in the result makes a terminal answer, unlike raw output with its queries.
 */
export async function renderScreen(prefix: string, pieces: readonly SizedOutput[]): Promise<string> {
  const { columns, rows } = pieces[0]!;
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: SCROLLBACK_LINES,
    // For the serialize addon.
    allowProposedApi: true,
  });
  try {
    const serializer = new SerializeAddon();
    terminal.loadAddon(serializer);
    terminal.write(prefix);
    for (const piece of pieces) {
      terminal.resize(piece.columns, piece.rows);
      await new Promise<void>((resolve) => terminal.write(piece.bytes, resolve));
    }
    return serializer.serialize({ scrollback: SCROLLBACK_LINES });
  } finally {
    terminal.dispose();
  }
}
