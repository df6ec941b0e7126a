import { CommandError } from '../../kubectl/errors.ts';
import type { Resource } from '../../kubectl/api/resource.ts';
import type { Invocation } from '../command.ts';
import { printUsage } from '../help.ts';
import { readDocuments } from '../manifest-text.ts';
import type { KubernetesObject } from '../resources.ts';
import { configTypes } from './types.ts';

/** An object of a file, and where it belongs. */
export interface Input {
  object: KubernetesObject;
  resource: Resource;
  namespace: string;
  /** `virtual-service/default/web` */
  key: string;
}

/**
 * A command that takes a file takes nothing besides: prints how it is used.
 * @param when ends the sentence, with the space before it
 * @throws CommandError when there are arguments
 */
export function refuseArguments(invocation: Invocation, when = ''): void {
  if (invocation.args.length === 0) return;
  printUsage(invocation);
  throw new CommandError(`${verbOf(invocation)} takes no arguments${when}`);
}

/** The objects of `-f`, all of which must be Istio's. @throws CommandError */
export async function readInputs(invocation: Invocation): Promise<Input[]> {
  const { flags, io, session, release } = invocation;
  const file = flags.string('file');
  if (file === '') throw new CommandError('filename not specified (see --filename or -f)');
  const objects = (await readDocuments(file, io)).flatMap(({ object }) => object ?? []);
  if (objects.length === 0) throw new CommandError(`nothing to ${verbOf(invocation)}`);
  const types = await configTypes(session, release);
  const inputs: Input[] = [];
  const unknown: string[] = [];
  for (const object of objects) {
    const { kind = '', apiVersion = '' } = object;
    const type = types.find(({ resource }) => resource.kind === kind);
    // Mixer's kinds have no name but their own.
    const mixer = apiVersion.startsWith('config.istio.io/')
      ? await (await session.discovery()).findKind(apiVersion, kind)
      : undefined;
    const resource = type?.resource ?? mixer;
    if (resource === undefined) {
      unknown.push(kind);
      continue;
    }
    const namespace = await namespaceOf(invocation, object);
    inputs.push({ object, resource, namespace, key: `${type?.name ?? kind}/${namespace}/${object.metadata.name}` });
  }
  if (unknown.length > 0) {
    const count = `${unknown.length} error${unknown.length === 1 ? '' : 's'} occurred:`;
    throw new CommandError(`${count}\n${unknown.map((kind) => `\t* kind ${kind} is not known\n`).join('')}\n`);
  }
  return inputs;
}

/** `create` of `istioctl create`. */
function verbOf({ path }: Invocation): string {
  return path.split(' ').at(-1) ?? '';
}

/** istioctl/pkg/util/handlers, HandleNamespaces. */
async function namespaceOf({ flags, session }: Invocation, { metadata }: KubernetesObject): Promise<string> {
  const told = flags.string('namespace');
  const own = metadata.namespace;
  if (own !== undefined && told !== '' && own !== told) {
    throw new CommandError(
      `the namespace from the provided object "${own}" does not match the namespace "${told}". You must pass '--namespace=${own}' to perform this operation`,
    );
  }
  return own ?? (await session.namespace()).name;
}
