import { resourcePath } from '../../kubectl/api/resource.ts';
import type { Invocation } from '../command.ts';
import type { KubernetesObject } from '../resources.ts';
import { deprecated, FILE_FLAG } from './deprecated.ts';
import { readInputs, refuseArguments } from './inputs.ts';

export const command = deprecated('create', 'create', {
  usage: '',
  long: "Creates Istio's objects from a file.",
  examples: ['create -f example-routing.yaml'],
  flags: [FILE_FLAG],
  run,
});

async function run(invocation: Invocation): Promise<number> {
  const { io, session } = invocation;
  refuseArguments(invocation);
  const client = await session.client();
  for (const { object, resource, namespace, key } of await readInputs(invocation)) {
    const body = { ...object, metadata: { ...object.metadata, ...(resource.namespaced ? { namespace } : {}) } };
    const made = await client.json<KubernetesObject>('POST', resourcePath(resource, namespace), { body });
    io.stderr.write(`Created config ${key} at revision ${made.metadata.resourceVersion ?? ''}\n`);
  }
  return 0;
}
