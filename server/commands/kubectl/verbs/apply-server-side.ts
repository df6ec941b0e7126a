import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { writeQuery } from '../change.ts';
import type { Invocation } from '../command.ts';
import { CommandError, StatusError } from '../errors.ts';
import { compactJson } from '../output/json.ts';
import type { Target } from '../targets.ts';

/** Sends the object as it stands; the server merges by who owns which field. */
export async function applyServerSide(
  invocation: Invocation,
  target: Target,
  print: (object: ApiObject, operation: string) => void,
): Promise<void> {
  const { flags, session } = invocation;
  const { resource, namespace, name = '', object } = target;
  const client = await session.client();
  const query = writeQuery(invocation);
  const fieldManager = flags.changed('field-manager') ? flags.string('field-manager') : 'kubectl';
  try {
    const path = resourcePath(resource, namespace, name, flags.string('subresource') || undefined);
    const applied = await client.json<ApiObject>('PATCH', path, {
      // JSON is YAML too.
      body: compactJson(object),
      contentType: 'application/apply-patch+yaml',
      query: { ...query, fieldManager, force: flags.bool('force-conflicts') },
      subject: { resource: resource.name, name },
    });
    print(applied, 'serverside-applied');
  } catch (error) {
    throw explainConflict(error);
  }
}

/** kubectl/pkg/cmd/apply/apply.go. */
function explainConflict(error: unknown): unknown {
  if (!(error instanceof StatusError) || error.reason !== 'Conflict') return error;
  return new CommandError(`${error.status.message ?? ''}
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`);
}
