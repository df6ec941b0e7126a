import type { ContainerLog, LogLine } from './runtime.ts';
import type { OpenFile } from './process/open-file.ts';
import { sinkFile } from './process/open-file.ts';

const LOG_BYTES = 1024 * 1024;

/** A line this long is cut into several, as the real runtime does at 16 KiB. */
const LINE_BYTES = 16 * 1024;

/** What a container's main process writes, line by line, the oldest dropped first. */
export class ContainerLogBuffer implements ContainerLog {
  readonly stdout: OpenFile;
  readonly stderr: OpenFile;
  readonly #now: () => number;
  #lines: LogLine[] = [];
  /** Lines at the start that are dropped already; cut off now and then, so that dropping one costs nothing. */
  #dropped = 0;
  #bytes = 0;
  readonly #partial = { stdout: '', stderr: '' };
  readonly #followers = new Set<(line: LogLine) => void>();

  constructor(now: () => number) {
    this.#now = now;
    this.stdout = this.#file('stdout');
    this.stderr = this.#file('stderr');
  }

  lines(): readonly LogLine[] {
    return this.#dropped === 0 ? this.#lines : this.#lines.slice(this.#dropped);
  }

  follow(listener: (line: LogLine) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  /** One line from the sandbox itself, as a sidecar's access log. */
  append(stream: 'stdout' | 'stderr', text: string): void {
    const line: LogLine = { time: this.#now(), stream, text };
    this.#lines.push(line);
    this.#bytes += text.length + 1;
    while (this.#bytes > LOG_BYTES && this.#dropped < this.#lines.length - 1) {
      this.#bytes -= (this.#lines[this.#dropped]?.text.length ?? 0) + 1;
      this.#dropped += 1;
    }
    if (this.#dropped > 1024 && this.#dropped > this.#lines.length / 2) {
      this.#lines = this.#lines.slice(this.#dropped);
      this.#dropped = 0;
    }
    for (const follower of this.#followers) follower(line);
  }

  /** Turns an unfinished last line into a line; for the end of the main process. */
  finish(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream] !== '') this.append(stream, this.#partial[stream]);
      this.#partial[stream] = '';
    }
  }

  #file(stream: 'stdout' | 'stderr'): OpenFile {
    const decoder = new TextDecoder();
    return sinkFile((bytes) => {
      const parts = (this.#partial[stream] + decoder.decode(bytes, { stream: true })).split('\n');
      this.#partial[stream] = parts.pop() ?? '';
      for (const part of parts) this.append(stream, part);
      while (this.#partial[stream].length > LINE_BYTES) {
        this.append(stream, this.#partial[stream].slice(0, LINE_BYTES));
        this.#partial[stream] = this.#partial[stream].slice(LINE_BYTES);
      }
    });
  }
}
