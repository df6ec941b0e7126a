import type { ApiObject } from './api/object.ts';
import type { Query } from './api/client.ts';
import type { Invocation } from './command.ts';
import { CommandError } from './errors.ts';
import { renderLog } from './klog.ts';
import { createPrinter, objectName } from './output/printer.ts';
import { hasChanged } from './release.ts';

/** `client`: nothing is sent. `server`: the server does everything but store. */
export type DryRun = 'none' | 'client' | 'server';

/** @throws CommandError for another value. */
export function dryRunOf({ flags, io }: Invocation): DryRun {
  const value = flags.has('dry-run') ? flags.string('dry-run') : 'none';
  if (value === 'unchanged') {
    if (hasChanged(io, 'dry-run has values')) {
      const advice = '--dry-run is deprecated and can be replaced with --dry-run=client.';
      io.stderr.write(renderLog('W', 'helpers.go:731', advice, io.now()));
    }
    return 'client';
  }
  if (value === 'none' || value === 'client' || value === 'server') return value;
  throw new CommandError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}

/** Query of a request that writes. */
export function writeQuery(invocation: Invocation): Query {
  const { flags } = invocation;
  return {
    dryRun: dryRunOf(invocation) === 'server' ? 'All' : undefined,
    fieldManager: flags.has('field-manager') ? flags.string('field-manager') || undefined : undefined,
    fieldValidation: flags.has('validate') ? fieldValidation(flags.string('validate')) : undefined,
  };
}

/** @throws CommandError for a `--validate` that is none, also when nothing is sent. */
export function checkValidate({ flags }: Invocation): void {
  fieldValidation(flags.string('validate'));
}

function fieldValidation(value: string): string {
  if (['true', 'strict', ''].includes(value)) return 'Strict';
  if (value === 'warn') return 'Warn';
  if (['false', 'ignore'].includes(value)) return 'Ignore';
  throw new CommandError(
    `invalid - validate option ${JSON.stringify(value)}; must be one of: strict (or true), warn, ignore (or false)`,
  );
}

/**
 * Prints what became of objects: `deployment.apps/web scaled`, or the objects themselves with `-o`.
 * @param keepOrder the objects were built here, see {@link createPrinter}.
 */
export async function createChangePrinter(
  invocation: Invocation,
  options: { keepOrder?: boolean } = {},
): Promise<(object: ApiObject, operation: string) => void> {
  const { flags, io } = invocation;
  const dryRun = dryRunOf(invocation);
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  const output = flags.has('output') ? flags.string('output') : '';
  const template = flags.has('template') ? flags.string('template') : '';
  if (output === '' && template === '') {
    return (object, operation) => void io.stdout.write(`${objectName(object)} ${operation}${suffix}\n`);
  }
  const printer = await createPrinter(flags, io, options);
  return (object) => void io.stdout.write(printer.print(object));
}
