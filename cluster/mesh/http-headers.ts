/** Header fields in their order, with names in lower case, as Envoy writes them. */
export class HttpHeaders {
  /** Name, value, name, value … */
  readonly #fields: string[];

  constructor(fields: string[] = []) {
    this.#fields = fields;
  }

  /** Number of fields. */
  get size(): number {
    return this.#fields.length / 2;
  }

  /** The value; several of one name joined by a comma, as RFC 9110, 5.3 allows. */
  get(name: string): string | undefined {
    const fields = this.#fields;
    let value: string | undefined;
    for (let index = 0; index < fields.length; index += 2) {
      if (fields[index] === name) value = value === undefined ? fields[index + 1] : `${value},${fields[index + 1]}`;
    }
    return value;
  }

  has(name: string): boolean {
    const fields = this.#fields;
    for (let index = 0; index < fields.length; index += 2) if (fields[index] === name) return true;
    return false;
  }

  /** How many fields have the name. */
  count(name: string): number {
    let count = 0;
    for (let index = 0; index < this.#fields.length; index += 2) if (this.#fields[index] === name) count += 1;
    return count;
  }

  /** In the place of the first of that name, or at the end. */
  set(name: string, value: string): void {
    const fields = this.#fields;
    for (let index = 0; index < fields.length; index += 2) {
      if (fields[index] !== name) continue;
      fields[index + 1] = value;
      this.#removeFrom(index + 2, name);
      return;
    }
    fields.push(name, value);
  }

  append(name: string, value: string): void {
    this.#fields.push(name, value);
  }

  remove(name: string): void {
    this.#removeFrom(0, name);
  }

  #removeFrom(start: number, name: string): void {
    const fields = this.#fields;
    for (let index = start; index < fields.length; index += 2) {
      if (fields[index] !== name) continue;
      fields.splice(index, 2);
      index -= 2;
    }
  }

  /** A copy without the fields whose name `drops`. */
  without(drops: (name: string) => boolean): HttpHeaders {
    const fields = this.#fields;
    const kept: string[] = [];
    for (let index = 0; index < fields.length; index += 2) {
      const name = fields[index] as string;
      if (!drops(name)) kept.push(name, fields[index + 1] as string);
    }
    return new HttpHeaders(kept);
  }

  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (let index = 0; index < this.#fields.length; index += 2) {
      yield [this.#fields[index] as string, this.#fields[index + 1] as string];
    }
  }

  /** The lines of a head, each with its CRLF. */
  toString(): string {
    const fields = this.#fields;
    let text = '';
    for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
    return text;
  }
}
