import { FileError } from '../../files/file-system.ts';
import { createPipe } from '../../process/pipe.ts';
import { Descriptor, sinkFile } from '../../process/open-file.ts';
import type { Process } from '../../process/process.ts';
import { ansiText } from '../../shell/ansi-text.ts';
import { isGnu, UsageError } from '../options.ts';
import { resolveProgram } from '../resolve.ts';
import { openInput, pathOf } from '../tool.ts';

/** Where a program's lines come from and go to: its operands, files and commands. */
export class AwkStreams {
  /** What an operand `NAME=VALUE` does when its turn comes. */
  assign: (name: string, value: string) => void = () => {};
  /** Whether an operand could not be read. */
  failed = false;
  readonly #process: Process;
  readonly #operands: string[];
  #hasRead = false;
  #file = '';
  #current: AsyncIterator<string> | null = null;
  readonly #readers = new Map<string, AsyncIterator<string>>();
  readonly #files = new Set<string>();
  readonly #commands = new Map<string, { input: number; child: Process }>();

  constructor(process: Process, operands: readonly string[]) {
    this.#process = process;
    this.#operands = [...operands];
  }

  /** `NAME=VALUE` of the command line. */
  assignFrom(text: string): boolean {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
    if (match === null) return false;
    this.assign(match[1] ?? '', ansiText(match[2] ?? ''));
    return true;
  }

  /** The next line of the program's input with the name of its file; null at the end. */
  async nextLine(): Promise<{ line: string; file: string; isFirst: boolean } | null> {
    for (;;) {
      const isFirst = this.#current === null;
      if (this.#current === null) {
        const operand = this.#operands.shift();
        if (operand === undefined && this.#hasRead) return null;
        if (operand !== undefined && this.assignFrom(operand)) continue;
        this.#hasRead = true;
        this.#file = operand ?? '';
        const lines = await this.#open(operand ?? '-');
        if (lines === null) continue;
        this.#current = lines;
      }
      const next = await this.#current.next();
      if (next.done !== true) return { line: next.value, file: this.#file, isFirst };
      this.#current = null;
    }
  }

  async #open(operand: string): Promise<AsyncIterator<string> | null> {
    try {
      return this.#process.linesOf(openInput(this.#process, operand))[Symbol.asyncIterator]();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.failed = true;
      await this.#process.printError(
        isGnu(this.#process)
          ? `awk: cannot open ${operand} (${error.message})\n`
          : `awk: ${operand}: ${error.message}\n`,
      );
      return null;
    }
  }

  print(text: string): Promise<void> {
    return this.#process.printLater(text);
  }

  /** To a file or a command's input; kept open until the end. */
  async printTo(kind: '>' | '>>' | '|', name: string, text: string): Promise<void> {
    if (kind === '|') {
      await this.#process.flush();
      const command = this.#commands.get(name) ?? this.#startCommand(name);
      await this.#process.write(command.input, text);
      return;
    }
    if (name === '/dev/stdout' || name === '-') return this.print(text);
    if (name === '/dev/stderr') return this.#process.printError(text);
    const append = kind === '>>' || this.#files.has(name);
    this.#files.add(name);
    try {
      const { uid } = this.#process;
      this.#process.container.files.write(pathOf(this.#process, name), Buffer.from(text), { append, uid });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      throw new UsageError(`awk: can't open '${name}': ${error.message}\n`, 2);
    }
  }

  #startCommand(name: string): { input: number; child: Process } {
    const pipe = createPipe();
    const { descriptors } = this.#process;
    const input = Math.max(...descriptors.keys(), 2) + 1;
    const child = this.#shell(name, new Map([[0, new Descriptor(pipe.reader)]]));
    descriptors.set(input, new Descriptor(pipe.writer));
    const command = { input, child };
    this.#commands.set(name, command);
    return command;
  }

  /** `sh -c COMMAND` with some descriptors of its own. */
  #shell(command: string, replacements: ReadonlyMap<number, Descriptor>): Process {
    const { container, environment, workingDirectory, uid, tty } = this.#process;
    const resolved = resolveProgram(container, ['sh', '-c', command], {
      workingDirectory,
      searchPath: '/bin:/usr/bin',
      uid,
    });
    if ('failure' in resolved) throw new UsageError('awk: no shell\n', 2);
    const descriptors = new Map<number, Descriptor>();
    // Further ones are the other ends of pipes to commands, which must not hold each other open.
    for (const number of [0, 1, 2]) {
      const descriptor = replacements.get(number) ?? this.#process.descriptors.get(number)?.duplicate();
      if (descriptor !== undefined) descriptors.set(number, descriptor);
    }
    return container.spawn(resolved.program, {
      args: resolved.args,
      environment,
      workingDirectory,
      uid,
      descriptors,
      parent: this.#process,
      tty,
    });
  }

  /** The next line of a file or of a command's output; null at the end, undefined when it cannot be read. */
  async readFrom(kind: 'file' | 'command', name: string): Promise<string | null | undefined> {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      if (kind === 'command') {
        await this.#process.flush();
        const chunks: Uint8Array[] = [];
        const output = new Descriptor(sinkFile((bytes) => chunks.push(bytes)));
        await this.#process.race(this.#shell(name, new Map([[1, output]])).exited);
        const text = Buffer.concat(chunks).toString('utf8').replace(/\n$/, '');
        reader = linesOfText(text);
      } else {
        try {
          reader = this.#process.linesOf(openInput(this.#process, name))[Symbol.asyncIterator]();
        } catch (error) {
          if (error instanceof FileError) return undefined;
          throw error;
        }
      }
      this.#readers.set(name, reader);
    }
    const next = await reader.next();
    return next.done === true ? null : next.value;
  }

  /** Runs a command line; its status. */
  async system(command: string): Promise<number> {
    await this.#process.flush();
    return this.#process.race(this.#shell(command, new Map()).exited);
  }

  /** Whether it was open. */
  async close(name: string): Promise<boolean> {
    const command = this.#commands.get(name);
    const wasOpen = this.#readers.delete(name) || this.#files.delete(name) || command !== undefined;
    if (command !== undefined) {
      this.#commands.delete(name);
      this.#process.descriptors.get(command.input)?.close();
      this.#process.descriptors.delete(command.input);
      await this.#process.race(command.child.exited);
    }
    return wasOpen;
  }

  /** Waits for the commands that were printed to. */
  async finish(): Promise<void> {
    await this.#process.flush();
    for (const name of this.#commands.keys()) await this.close(name);
  }
}

async function* linesOfText(text: string): AsyncGenerator<string> {
  if (text !== '') yield* text.split('\n');
}
