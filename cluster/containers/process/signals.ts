export const SIGNALS = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15 } as const;

export type SignalName = keyof typeof SIGNALS;

/** The signal that `kill -TERM`, `kill -SIGTERM` or `kill -15` means. */
export function parseSignal(text: string): SignalName | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '');
  return (Object.keys(SIGNALS) as SignalName[]).find((signal) => signal === name || String(SIGNALS[signal]) === text);
}
