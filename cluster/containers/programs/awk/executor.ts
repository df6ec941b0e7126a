import type { Process } from '../../process/process.ts';
import type { Expression, Statement } from './ast.ts';
import type { CurrentRecord } from './current-record.ts';
import { Evaluator, type EvaluatorDeps } from './evaluator.ts';
import { formatValues } from './format-values.ts';
import { Jump } from './jump.ts';
import type { AwkStreams } from './streams.ts';
import { fromInput, toBoolean, toText } from './values.ts';
import type { Variables } from './variables.ts';

/** Between two turns of everybody else. */
const STEPS_PER_BREATH = 5000;

/** Runs statements. */
export class Executor {
  readonly #process: Process;
  readonly #streams: AwkStreams;
  readonly #variables: Variables;
  readonly #record: CurrentRecord;
  readonly #evaluator: Evaluator;
  #steps = 0;

  constructor(deps: Omit<EvaluatorDeps, 'runBody'>) {
    this.#process = deps.process;
    this.#streams = deps.streams;
    this.#variables = deps.variables;
    this.#record = deps.record;
    this.#evaluator = new Evaluator({ ...deps, runBody: (body) => this.run(body) });
  }

  /** Whether a pattern's expression is true. */
  async holds(condition: Expression): Promise<boolean> {
    return toBoolean(await this.#evaluator.evaluate(condition));
  }

  /** @throws Jump where a statement leaves them all */
  async run(body: readonly Statement[]): Promise<void> {
    for (const statement of body) await this.#execute(statement);
  }

  async #breathe(): Promise<void> {
    this.#steps += 1;
    if (this.#steps % STEPS_PER_BREATH === 0) await this.#process.breathe();
  }

  async #execute(statement: Statement): Promise<void> {
    await this.#breathe();
    switch (statement.kind) {
      case 'expression':
        await this.#evaluator.evaluate(statement.value);
        return;
      case 'print':
        return this.#print(statement);
      case 'block':
        return this.run(statement.body);
      case 'if':
        if (toBoolean(await this.#evaluator.evaluate(statement.condition))) return this.#execute(statement.yes);
        if (statement.no !== null) await this.#execute(statement.no);
        return;
      case 'while': {
        const holds = async (): Promise<boolean> => toBoolean(await this.#evaluator.evaluate(statement.condition));
        if (statement.first && !(await holds())) return;
        do {
          if (!(await this.#iterate(statement.body))) return;
        } while (await holds());
        return;
      }
      case 'for':
        if (statement.start !== null) await this.#execute(statement.start);
        while (statement.condition === null || toBoolean(await this.#evaluator.evaluate(statement.condition))) {
          if (!(await this.#iterate(statement.body))) return;
          if (statement.step !== null) await this.#execute(statement.step);
        }
        return;
      case 'for-in':
        // The keys of the beginning, whatever the body does to the array.
        for (const key of Array.from(this.#variables.array(statement.name).keys())) {
          this.#evaluator.setVariable(statement.variable, fromInput(key));
          if (!(await this.#iterate(statement.body))) return;
        }
        return;
      case 'delete':
        if (statement.subscript === null) this.#variables.array(statement.name).clear();
        else this.#variables.array(statement.name).delete(await this.#evaluator.subscript(statement.subscript));
        return;
      case 'exit':
      case 'return':
        throw new Jump(
          statement.kind,
          statement.value === null ? undefined : await this.#evaluator.evaluate(statement.value),
        );
      case 'break':
      case 'continue':
      case 'next':
        throw new Jump(statement.kind);
      default: {
        const never: never = statement;
        throw new Error(`unknown statement ${String(never)}`);
      }
    }
  }

  /** One turn of a loop; false after `break`. */
  async #iterate(body: Statement): Promise<boolean> {
    await this.#breathe();
    try {
      await this.#execute(body);
    } catch (error) {
      if (error instanceof Jump && error.kind === 'break') return false;
      if (!(error instanceof Jump) || error.kind !== 'continue') throw error;
    }
    return true;
  }

  async #print({ format, args, to }: Extract<Statement, { kind: 'print' }>): Promise<void> {
    const values = await this.#evaluator.evaluateAll(args);
    let text: string;
    if (format) text = formatValues(values);
    else {
      const line = values.length === 0 ? this.#record.text : values.map(toText).join(this.#variables.text('OFS'));
      text = line + this.#variables.text('ORS');
    }
    if (to === null) await this.#streams.print(text);
    else await this.#streams.printTo(to.kind, toText(await this.#evaluator.evaluate(to.target)), text);
  }
}
