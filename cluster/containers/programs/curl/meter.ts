import type { Process } from '../../process/process.ts';

const HEADER =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
  '                                 Dload  Upload   Total   Spent    Left  Speed\n';

export interface MeterState {
  /** Null when it is not known. */
  downloadTotal: number | null;
  downloaded: number;
  uploadTotal: number | null;
  uploaded: number;
  startedAt: number;
}

/** curl's progress meter on standard error: a line at the start, one each second, one at the end. */
export class Meter {
  readonly #process: Process;
  readonly #state: MeterState;
  #started = false;
  #cancel: (() => void) | null = null;

  constructor(process: Process, state: MeterState) {
    this.#process = process;
    this.#state = state;
  }

  async start(): Promise<void> {
    if (!this.#started) await this.#process.printError(HEADER);
    this.#started = true;
    await this.#process.printError(this.#line());
    this.#schedule();
  }

  async finish(): Promise<void> {
    this.stop();
    if (this.#started) await this.#process.printError(`${this.#line()}\n`);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(): void {
    this.#cancel = this.#process.container.clock.schedule(1000, () => {
      if (!this.#process.isAlive) return;
      // A line that finds no room now is not worth waiting for: the next one comes in a second.
      this.#process.file(2).tryWrite(Buffer.from(this.#line()));
      this.#schedule();
    });
  }

  #line(): string {
    const { downloadTotal, downloaded, uploadTotal, uploaded, startedAt } = this.#state;
    const elapsedMs = Math.max(1, this.#process.container.clock.now() - startedAt);
    const downSpeed = Math.floor((downloaded * 1000) / elapsedMs);
    const upSpeed = Math.floor((uploaded * 1000) / elapsedMs);
    const total = (downloadTotal ?? downloaded) + (uploadTotal ?? uploaded);
    const percent = (part: number, whole: number | null): string =>
      String(whole === null || whole === 0 ? 0 : Math.floor((part * 100) / whole)).padStart(3);
    const left = downloadTotal === null || downSpeed === 0 ? 0 : (downloadTotal - downloaded) / downSpeed;
    const spent = Math.floor(elapsedMs / 1000);
    const estimated = downloadTotal === null || downSpeed === 0 ? 0 : Math.floor(downloadTotal / downSpeed);
    return [
      `\r${percent(downloaded + uploaded, total)} ${size(total)}  `,
      `${percent(downloaded, downloadTotal)} ${size(downloaded)}  `,
      `${percent(uploaded, uploadTotal)} ${size(uploaded)}  `,
      `${size(downSpeed)}  ${size(upSpeed)} ${time(estimated)} ${time(spent)} ${time(Math.floor(left))} ${size(downSpeed + upSpeed)}`,
    ].join('');
  }
}

/** Five characters (lib/progress.c, max5data). */
function size(bytes: number): string {
  if (bytes < 100_000) return String(bytes).padStart(5);
  if (bytes < 10_000 * 1024) return `${String(Math.floor(bytes / 1024)).padStart(4)}k`;
  const megabytes = bytes / (1024 * 1024);
  if (megabytes < 100) return `${String(Math.floor(megabytes)).padStart(2)}.${Math.floor((megabytes % 1) * 10)}M`;
  if (megabytes < 10_000) return `${String(Math.floor(megabytes)).padStart(4)}M`;
  return `${String(Math.floor(megabytes / 1024)).padStart(4)}G`;
}

function time(seconds: number): string {
  if (seconds <= 0) return '--:--:--';
  const part = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${String(Math.floor(seconds / 3600)).padStart(2)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}`;
}
