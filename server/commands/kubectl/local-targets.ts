import { groupOf } from './api/object.ts';
import { guessResource } from './api/resource.ts';
import type { Invocation } from './command.ts';
import { CommandError } from './errors.ts';
import { readManifests } from './manifests.ts';
import type { Target } from './targets.ts';

/** The objects of `-f` as they stand, for `--local`: no server is asked, so their resource is a guess from the kind. */
export async function localTargets(invocation: Invocation): Promise<Target[]> {
  const { flags, io } = invocation;
  const files = flags.list('filename');
  if (files.length === 0) throw new CommandError('one or more files must be specified as -f when --local is given');
  const manifests = await readManifests(files, flags.bool('recursive'), io);
  return manifests.map(({ object, source }) => {
    const { apiVersion = '', kind = '', metadata = {} } = object;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    const resource = guessResource(groupOf(apiVersion), version, kind);
    return { resource, namespace: metadata.namespace ?? '', name: metadata.name, object, source };
  });
}
