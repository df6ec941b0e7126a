import { UserError } from './errors.ts';

/** Whose commands a learner gets: ours, or the machine's own where it has them. */
export type ToolChoice = 'bundled' | 'system';
export const TOOL_CHOICES: readonly ToolChoice[] = ['bundled', 'system'];

/**
 * What TALLER_KUBECTL chooses for all lessons; undefined leaves it to each.
 * @throws UserError BAD_ARGUMENTS
 */
export function readToolChoice(value: string | undefined): ToolChoice | undefined {
  if (value === undefined || value === '') return undefined;
  const choice = TOOL_CHOICES.find((known) => known === value);
  if (choice) return choice;
  throw new UserError('BAD_ARGUMENTS', `TALLER_KUBECTL is "${value}". Use ${TOOL_CHOICES.join(' or ')}.`);
}
