import type { ApiObject } from '../api/object.ts';
import { resourcePath, type Resource } from '../api/resource.ts';
import { createChangePrinter, dryRunOf, writeQuery } from '../change.ts';
import type { Invocation } from '../command.ts';
import { CommandError, StatusError, UsageError } from '../errors.ts';
import { DRY_RUN_FLAG, fieldManagerFlag, OUTPUT_FLAGS, VALIDATE_FLAG } from '../flag-sets.ts';
import type { FlagSpec } from '../flags.ts';
import { withLastApplied } from '../last-applied.ts';

/** Flags of `create KIND`. */
export const CREATE_FLAGS: readonly FlagSpec[] = [
  ...OUTPUT_FLAGS,
  DRY_RUN_FLAG,
  VALIDATE_FLAG,
  fieldManagerFlag('kubectl-create'),
  { name: 'save-config', type: 'bool', usage: 'Keep the object in the annotation that `apply` reads.' },
];

/** The one argument of `create KIND NAME`. @throws UsageError */
export function nameArgument({ args, dash }: Invocation): string {
  const names = dash < 0 ? args : args.slice(0, dash);
  if (names.length !== 1) throw new UsageError(`exactly one NAME is required, got ${names.length}`);
  return names[0] ?? '';
}

/**
 * Sends an object that was built from flags and prints what became of it.
 * @param failure what stands before the server's message, as `failed to create configmap: `; '' leaves it as it is.
 */
export async function createFromFlags(
  invocation: Invocation,
  kind: Pick<Resource, 'group' | 'version' | 'name' | 'namespaced'>,
  object: ApiObject,
  failure: string,
  operation = 'created',
): Promise<ApiObject> {
  const { flags, session } = invocation;
  const dryRun = dryRunOf(invocation);
  const namespace = kind.namespaced ? await session.namespace() : null;
  const placed = namespace?.explicit ? withNamespace(object, namespace.name) : object;
  const saved = flags.has('save-config') && flags.bool('save-config') ? withLastApplied(placed) : placed;
  const print = await createChangePrinter(invocation, { keepOrder: dryRun === 'client' });
  if (dryRun === 'client') {
    print(saved, operation);
    return saved;
  }
  const client = await session.client();
  try {
    const created = await client.json<ApiObject>('POST', resourcePath(kind as Resource, namespace?.name), {
      body: saved,
      query: { ...writeQuery(invocation), fieldValidation: flags.has('validate') ? 'Strict' : undefined },
      subject: { resource: kind.name },
    });
    print(created, operation);
    return created;
  } catch (error) {
    if (failure === '' || !(error instanceof StatusError)) throw error;
    throw new CommandError(`${failure}${error.status.message ?? ''}`);
  }
}

/** Keys in the order of Go's ObjectMeta, which `-o json` shows. */
function withNamespace(object: ApiObject, namespace: string): ApiObject {
  const { name, ...rest } = object.metadata ?? {};
  return { ...object, metadata: { name, namespace, ...rest } } as ApiObject;
}
