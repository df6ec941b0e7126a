import type { Process } from '../../process/process.ts';
import type { AwkProgram, Rule } from './ast.ts';
import { CurrentRecord } from './current-record.ts';
import { Executor } from './executor.ts';
import { Jump } from './jump.ts';
import { Patterns } from './patterns.ts';
import { RecordReader } from './record-reader.ts';
import type { AwkStreams } from './streams.ts';
import { fromInput, toNumber, type Value } from './values.ts';
import { Variables } from './variables.ts';

/**
 * Runs the rules that {@link parseAwk} read: `BEGIN`, every record, `END`. Left out: `printf %c` of wide characters, RS as
 * an expression, RSTART past a line.
 */
export class Interpreter {
  readonly #program: AwkProgram;
  readonly #streams: AwkStreams;
  readonly #variables = new Variables();
  readonly #record: CurrentRecord;
  readonly #reader: RecordReader;
  readonly #executor: Executor;
  /** Those whose first pattern has matched and whose second has not. */
  readonly #ranges = new Set<Rule>();

  constructor(program: AwkProgram, process: Process, streams: AwkStreams) {
    this.#program = program;
    this.#streams = streams;
    const variables = this.#variables;
    const patterns = new Patterns();
    const record = new CurrentRecord(variables, patterns);
    const reader = new RecordReader(streams, variables);
    this.#record = record;
    this.#reader = reader;
    const { functions } = program;
    this.#executor = new Executor({ process, streams, variables, record, patterns, reader, functions });
    for (const [name, value] of Object.entries({ FS: ' ', OFS: ' ', ORS: '\n', RS: '\n', SUBSEP: '\x1c' })) {
      this.assign(name, value);
    }
    for (const name of ['NR', 'NF', 'FNR', 'RSTART']) this.assign(name, 0);
    this.assign('RLENGTH', -1);
    const environment = variables.array('ENVIRON');
    for (const [name, value] of process.environment) environment.set(name, fromInput(value));
  }

  /** A variable of the command line. */
  assign(name: string, value: Value): void {
    this.#variables.assign(name, value);
  }

  /** `ARGC` and `ARGV`. */
  assignArguments(args: readonly string[]): void {
    this.assign('ARGC', args.length);
    for (const [index, arg] of args.entries()) this.#variables.array('ARGV').set(String(index), fromInput(arg));
  }

  /** Runs all of it; the exit status. */
  async run(): Promise<number> {
    let status = 0;
    const guarded = async (body: () => Promise<void>): Promise<boolean> => {
      try {
        await body();
        return true;
      } catch (error) {
        if (!(error instanceof Jump)) throw error;
        if (error.kind === 'exit' && error.value !== undefined) status = toNumber(error.value) & 0xff;
        return error.kind !== 'exit';
      }
    };
    const { rules } = this.#program;
    const only = (kind: 'begin' | 'end'): Rule[] => rules.filter((rule) => rule.pattern.kind === kind);
    const goesOn = await guarded(async () => {
      for (const rule of only('begin')) await this.#executor.run(rule.body ?? []);
    });
    if (goesOn && rules.some(({ pattern }) => pattern.kind !== 'begin')) await guarded(() => this.#main());
    await guarded(async () => {
      for (const rule of only('end')) await this.#executor.run(rule.body ?? []);
    });
    return status;
  }

  async #main(): Promise<void> {
    while (await this.#readRecord()) {
      try {
        for (const rule of this.#program.rules) {
          if (!(await this.#applies(rule))) continue;
          if (rule.body === null) await this.#streams.print(this.#record.text + this.#variables.text('ORS'));
          else await this.#executor.run(rule.body);
        }
      } catch (error) {
        if (!(error instanceof Jump) || error.kind !== 'next') throw error;
      }
    }
  }

  async #readRecord(): Promise<boolean> {
    const record = await this.#reader.next();
    if (record === null) return false;
    this.#record.replace(record);
    return true;
  }

  async #applies(rule: Rule): Promise<boolean> {
    const { pattern } = rule;
    switch (pattern.kind) {
      case 'always':
        return true;
      case 'expression':
        return this.#executor.holds(pattern.value);
      case 'range': {
        if (!this.#ranges.has(rule)) {
          if (!(await this.#executor.holds(pattern.from))) return false;
          this.#ranges.add(rule);
        }
        if (await this.#executor.holds(pattern.to)) this.#ranges.delete(rule);
        return true;
      }
      default:
        return false;
    }
  }
}
