import { resourcePath } from '../../kubectl/api/resource.ts';
import { CommandError, isNotFound } from '../../kubectl/errors.ts';
import type { Invocation } from '../command.ts';
import type { KubernetesObject } from '../resources.ts';
import { deprecated, FILE_FLAG } from './deprecated.ts';
import { readInputs, refuseArguments } from './inputs.ts';

export const command = deprecated('replace', 'apply', {
  usage: '',
  long: "Replaces Istio's objects by those of a file.",
  examples: ['replace -f example-routing.yaml'],
  flags: [FILE_FLAG],
  run,
});

async function run(invocation: Invocation): Promise<number> {
  const { io, session } = invocation;
  refuseArguments(invocation);
  const client = await session.client();
  for (const { object, resource, namespace, key } of await readInputs(invocation)) {
    const path = resourcePath(resource, namespace, object.metadata.name);
    const current = await client.json<KubernetesObject>('GET', path).catch((error: unknown) => {
      // What is not there has no revision.
      throw isNotFound(error) ? new CommandError('revision is required') : error;
    });
    const { resourceVersion } = current.metadata;
    const place = resource.namespaced ? { namespace } : {};
    const body = { ...object, metadata: { ...object.metadata, ...place, resourceVersion } };
    const changed = await client.json<KubernetesObject>('PUT', path, { body });
    io.stdout.write(`Updated config ${key} to revision ${changed.metadata.resourceVersion ?? ''}\n`);
  }
  return 0;
}
