import type { Dialect } from '../dialect.ts';
import { ExpansionError } from '../expansion.ts';

interface Variable {
  value: string;
  exported: boolean;
  readOnly: boolean;
}

/** Characters that all variables of one shell may have. */
const MAX_VARIABLES_LENGTH = 16 * 1024 * 1024;

/** The variables of one shell, and the scopes that `local` makes in its functions. */
export class Variables {
  readonly #dialect: Dialect;
  readonly #options: ReadonlySet<string>;
  readonly #variables = new Map<string, Variable>();
  /** What `local` has to put back at the end of each open function. */
  readonly #locals: Map<string, Variable | undefined>[] = [];
  /** Characters in variables, roughly: it only has to stop what grows without end. */
  #size = 0;

  /** @param options letters of `set`: `a` exports what is set. */
  constructor(dialect: Dialect, options: ReadonlySet<string>, environment: ReadonlyMap<string, string>) {
    this.#dialect = dialect;
    this.#options = options;
    for (const [name, value] of environment) {
      if (/^[A-Za-z_]\w*$/.test(name)) this.#variables.set(name, { value, exported: true, readOnly: false });
    }
  }

  /** Becomes as those of another shell, in its place in functions too. */
  copyFrom(other: Variables): void {
    this.#variables.clear();
    for (const [name, variable] of other.#variables) this.#variables.set(name, { ...variable });
    for (const scope of other.#locals) this.#locals.push(new Map(scope));
  }

  get(name: string): string | undefined {
    return this.#variables.get(name)?.value;
  }

  /** @throws ExpansionError when it is read-only */
  set(name: string, value: string): void {
    const variable = this.#variables.get(name);
    if (variable?.readOnly === true) throw new ExpansionError(readOnly(name, this.#dialect));
    this.#size += value.length - (variable?.value.length ?? -64);
    if (this.#size > MAX_VARIABLES_LENGTH) throw new ExpansionError('out of memory');
    if (variable === undefined) {
      this.#variables.set(name, { value, exported: this.#options.has('a'), readOnly: false });
    } else variable.value = value;
  }

  isReadOnly(name: string): boolean {
    return this.#variables.get(name)?.readOnly === true;
  }

  unset(name: string): void {
    this.#size -= (this.#variables.get(name)?.value.length ?? -64) + 64;
    this.#variables.delete(name);
  }

  export(name: string): void {
    const variable = this.#variables.get(name);
    if (variable === undefined) this.#variables.set(name, { value: '', exported: true, readOnly: false });
    else variable.exported = true;
  }

  makeReadOnly(name: string): void {
    const variable = this.#variables.get(name) ?? { value: '', exported: false, readOnly: false };
    variable.readOnly = true;
    this.#variables.set(name, variable);
  }

  /** Functions that are open. */
  get functionDepth(): number {
    return this.#locals.length;
  }

  /** Makes a variable end with the function; false outside of one. */
  makeLocal(name: string): boolean {
    const scope = this.#locals.at(-1);
    if (scope === undefined) return false;
    const variable = this.#variables.get(name);
    if (!scope.has(name)) scope.set(name, variable === undefined ? undefined : { ...variable });
    return true;
  }

  openFunction(): void {
    this.#locals.push(new Map());
  }

  /** Puts back what `local` has hidden. */
  closeFunction(): void {
    for (const [name, variable] of this.#locals.pop() ?? []) {
      if (variable === undefined) this.#variables.delete(name);
      else this.#variables.set(name, variable);
    }
  }

  /** Runs a body with what stands before its command: `NAME=value command`. */
  async withAssignments(assignments: readonly [string, string][], body: () => Promise<number>): Promise<number> {
    if (assignments.length === 0) return body();
    const saved = assignments.map(([name]): [string, Variable | undefined] => [name, this.#variables.get(name)]);
    for (const [name, value] of assignments) {
      this.#variables.set(name, { value, exported: true, readOnly: false });
    }
    try {
      return await body();
    } finally {
      for (const [name, variable] of saved) {
        if (variable === undefined) this.#variables.delete(name);
        else this.#variables.set(name, variable);
      }
    }
  }

  /** Names and values, sorted. */
  entries(): [string, string][] {
    return [...this.#variables].map(([name, { value }]): [string, string] => [name, value]).sort();
  }

  /** What programs are given. */
  environment(): Map<string, string> {
    const result = new Map<string, string>();
    for (const [name, variable] of this.#variables) if (variable.exported) result.set(name, variable.value);
    return result;
  }
}

function readOnly(name: string, dialect: Dialect): string {
  return dialect === 'bash' ? `${name}: readonly variable` : `${name}: is read only`;
}
