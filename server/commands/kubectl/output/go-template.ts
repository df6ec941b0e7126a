import { CommandError } from '../errors.ts';
import { parseTemplate } from './go-template-parser.ts';
import { createScope, runNodes } from './go-template-run.ts';

/**
 * Go's text/template over decoded JSON, for `-o go-template`: actions, pipelines, variables, `if`, `range`, `with`,
 * `define`, `template` and `block`, the built-in functions, and kubectl's `base64decode` and `exists`.
 * Left out: methods and `call`, which decoded JSON has no use for.
 */
export interface GoTemplate {
  /** @throws CommandError in the words of text/template. */
  execute(data: unknown): string;
}

/**
 * @param allowMissing fields that are not there print `<no value>`; otherwise they are an error.
 * @throws CommandError when the template cannot be read.
 */
export function parseGoTemplate(template: string, allowMissing: boolean): GoTemplate {
  const parsed = parseTemplate(template);
  return {
    execute(data) {
      const scope = createScope(parsed.templates, data, allowMissing);
      try {
        return runNodes(parsed.nodes, data, scope);
      } catch (error) {
        if (error instanceof CommandError || !(error instanceof RangeError)) throw error;
        throw new CommandError('template: output:1: exceeded maximum template depth');
      }
    },
  };
}
