import { type TerminalSize } from '../containers/runtime.ts';

/** `{"Width":80,"Height":24}`; undefined for anything else, which is passed over, as upstream does. */
export function parseTerminalSize(text: string): TerminalSize | undefined {
  try {
    const value = JSON.parse(text) as { Width?: unknown; Height?: unknown } | null;
    const columns = value?.Width;
    const rows = value?.Height;
    const valid = (one: unknown): one is number => Number.isInteger(one) && Number(one) > 0 && Number(one) < 65536;
    return valid(columns) && valid(rows) ? { columns, rows } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
