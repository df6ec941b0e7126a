/** Where the server talks to whoever runs it: stderr in `main`, an array in tests. */
export interface Logger {
  info(message: string): void;
  /** `error`: printed with its stack, because it is a bug of ours. */
  error(message: string, error?: unknown): void;
}

export const stderrLogger: Logger = {
  info: (message) => void process.stderr.write(`${new Date().toISOString()} ${message}\n`),
  error: (message, error) => {
    const detail = error instanceof Error ? (error.stack ?? error.message) : error === undefined ? '' : String(error);
    process.stderr.write(`${new Date().toISOString()} error: ${message}${detail && `\n${detail}`}\n`);
  },
};
