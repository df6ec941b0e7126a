import { MAX_ELEMENTS, outOfMemory } from './limits.ts';
import { toNumber, toText, type Value } from './values.ts';

/** What a name stands for. */
export type Cell = { value: Value } | { array: Map<string, Value> };

/** The program's variables and arrays, and the parameters of the calls that are open. `NF` is the record's. */
export class Variables {
  readonly #globals = new Map<string, Cell>();
  /** Of the calls that are open; only the last is seen. */
  readonly #frames: Map<string, Cell>[] = [];
  #elements = 0;

  /** Calls that are open. */
  get depth(): number {
    return this.#frames.length;
  }

  /** Begins a call with its parameters. */
  enter(parameters: Map<string, Cell>): void {
    this.#frames.push(parameters);
  }

  leave(): void {
    this.#frames.pop();
  }

  /** Undefined: the name stands for nothing yet. */
  cell(name: string): Cell | undefined {
    return this.#frames.at(-1)?.get(name) ?? this.#globals.get(name);
  }

  /** Undefined also for the name of an array. */
  get(name: string): Value {
    const cell = this.cell(name);
    return cell !== undefined && 'value' in cell ? cell.value : undefined;
  }

  text(name: string): string {
    return toText(this.get(name));
  }

  set(name: string, value: Value): void {
    this.#put(name, { value });
  }

  /** The global one, whatever a parameter is called. */
  assign(name: string, value: Value): void {
    this.#globals.set(name, { value });
  }

  /** One more, as of `NR`. */
  increment(name: string): void {
    this.assign(name, toNumber(this.get(name)) + 1);
  }

  /** Made where there is none. */
  array(name: string): Map<string, Value> {
    const cell = this.cell(name);
    if (cell !== undefined && 'array' in cell) return cell.array;
    const array = new Map<string, Value>();
    this.#put(name, { array });
    return array;
  }

  /** @throws UsageError when all arrays together have too many elements */
  setElement(array: Map<string, Value>, key: string, value: Value): void {
    if (!array.has(key)) this.#elements += 1;
    if (this.#elements > MAX_ELEMENTS) throw outOfMemory();
    array.set(key, value);
  }

  #put(name: string, cell: Cell): void {
    const frame = this.#frames.at(-1);
    if (frame?.has(name) === true) frame.set(name, cell);
    else this.#globals.set(name, cell);
  }
}
