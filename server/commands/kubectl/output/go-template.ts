import { CommandError } from '../errors.ts';

export interface GoTemplate {
  /** @throws CommandError */
  execute(data: unknown): string;
}

export function parseGoTemplate(template: string, allowMissing: boolean): GoTemplate {
  void template;
  void allowMissing;
  throw new CommandError('"-o go-template" is not simulated in Taller yet');
}
