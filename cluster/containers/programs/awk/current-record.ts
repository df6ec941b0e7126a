import { MAX_FIELDS, MAX_LENGTH, outOfMemory } from './limits.ts';
import type { Patterns } from './patterns.ts';
import { fromInput, toNumber, toText, type Value } from './values.ts';
import type { Variables } from './variables.ts';

/** `$0` and its fields: each follows the other, by `FS` one way and `OFS` the other. */
export class CurrentRecord {
  readonly #variables: Variables;
  readonly #patterns: Patterns;
  #text = '';
  /** From 1 on; null until somebody asks. */
  #fields: Value[] | null = [];

  constructor(variables: Variables, patterns: Patterns) {
    this.#variables = variables;
    this.#patterns = patterns;
  }

  /** `$0`. */
  get text(): string {
    return this.#text;
  }

  replace(text: string): void {
    this.#text = text;
    this.#fields = null;
  }

  /** `NF`. */
  get count(): number {
    return this.#split().length;
  }

  /** What is assigned to `NF`: fields go, or empty ones come. */
  setCount(value: Value): void {
    const fields = this.#split();
    const length = Math.max(0, Math.min(toNumber(value), MAX_FIELDS));
    this.#fields = Array.from({ length }, (_, index) => fields[index] ?? '');
    this.#join();
  }

  /** 0 is the whole record; undefined beyond the last. */
  field(index: number): Value {
    if (index === 0) return fromInput(this.#text);
    return this.#split()[Math.trunc(index) - 1];
  }

  /** @throws UsageError when there would be too many */
  setField(index: number, value: Value): void {
    if (index === 0) {
      this.replace(toText(value));
      return;
    }
    const fields = this.#split();
    if (index > MAX_FIELDS) throw outOfMemory();
    while (fields.length < index) fields.push('');
    fields[Math.trunc(index) - 1] = value;
    this.#join();
  }

  #split(): Value[] {
    this.#fields ??= this.#patterns.split(this.#text, this.#variables.text('FS')).map(fromInput);
    return this.#fields;
  }

  #join(): void {
    const fields = this.#fields ?? [];
    const separator = this.#variables.text('OFS');
    if (fields.length * separator.length > MAX_LENGTH) throw outOfMemory();
    this.#text = fields.map(toText).join(separator);
  }
}
