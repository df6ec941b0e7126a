import { resourcePath } from '../../kubectl/api/resource.ts';
import type { Command, CommandEntry, Invocation } from '../command.ts';
import { CommandError } from '../../kubectl/errors.ts';
import { renderHelp } from '../help.ts';
import { findObject, KINDS, listObjects, type KubernetesObject } from '../resources.ts';
import { matches, type LabelSelector } from '../webhooks.ts';

export interface Deployment extends KubernetesObject {
  spec: { selector: LabelSelector; template: PodTemplate };
}

interface PodTemplate {
  metadata?: { annotations?: Record<string, string>; labels?: Record<string, string> };
  spec: { containers: Named[]; initContainers?: Named[]; volumes?: Named[] };
}

export interface Named {
  name: string;
}

interface Service extends KubernetesObject {
  spec?: { selector?: Record<string, string> };
}

/** What is done to one deployment; it says on stdout how that went. */
type Change = (invocation: Invocation, deployment: Deployment) => Promise<void>;

interface MeshCommand {
  name: string;
  aliases: readonly string[];
  long: string;
  /** What is wrong when there is no such service. */
  missing(service: string): string;
  change: Change;
}

/**
 * A command that changes the pods of deployments: of one by name, or of those behind a service. Services of machines
 * outside of the cluster are not simulated. istioctl/cmd/add-to-mesh.go and remove-from-mesh.go up to 1.15.
 */
export function meshCommand(mesh: MeshCommand): Command {
  const { name, aliases, long, change } = mesh;
  const subcommand = (kind: string, run: NonNullable<Command['run']>): Command => ({
    usage: `<${kind}>`,
    long,
    examples: [`experimental ${name} ${kind} productpage`],
    run,
  });
  const entries: CommandEntry[] = [
    {
      name: 'deployment',
      aliases: ['deploy', 'dep'],
      short: 'The pods of a deployment',
      load: () => Promise.resolve(subcommand('deployment', (invocation) => changeDeployment(invocation, change))),
    },
    { name: 'external-service', aliases: ['es'], short: 'A service outside of the cluster' },
    {
      name: 'service',
      aliases: ['svc'],
      short: 'The pods of the deployments behind a service',
      load: () => Promise.resolve(subcommand('service', (invocation) => changeService(invocation, mesh))),
    },
  ];
  return {
    usage: '',
    long,
    subcommands: entries,
    run(invocation) {
      const [word] = invocation.args;
      if (word !== undefined) return Promise.reject(new CommandError(`unknown resource type ${JSON.stringify(word)}`));
      invocation.io.stdout.write(
        renderHelp({ ...invocation, entry: { name, aliases, short: '' }, rest: [] }, invocation.release),
      );
      return Promise.resolve(0);
    },
  };
}

async function changeDeployment(invocation: Invocation, change: Change): Promise<number> {
  const { args, session } = invocation;
  const [own] = args;
  if (own === undefined || args.length !== 1) throw new CommandError('expecting deployment name');
  const { name: namespace } = await session.namespace();
  const deployment = await findObject<Deployment>(session, 'deployments', namespace, own);
  if (deployment === undefined) throw new CommandError(`deployment ${JSON.stringify(own)} does not exist`);
  await change(invocation, deployment);
  return 0;
}

async function changeService(invocation: Invocation, { change, missing }: MeshCommand): Promise<number> {
  const { args, io, session } = invocation;
  const [own] = args;
  if (own === undefined || args.length !== 1) throw new CommandError('expecting service name');
  const { name: namespace } = await session.namespace();
  const service = await findObject<Service>(session, 'services', namespace, own);
  if (service === undefined) throw new CommandError(missing(own));
  const selector = service.spec?.selector ?? {};
  const deployments =
    Object.keys(selector).length === 0 ? [] : await listObjects<Deployment>(session, 'deployments', namespace);
  // By the labels that a deployment selects its pods with, not by those of the pods.
  const found = deployments.filter(({ spec }) => matches({ matchLabels: selector }, spec.selector.matchLabels ?? {}));
  if (found.length === 0) io.stdout.write(`No deployments found for service ${own}.${namespace}\n`);
  for (const deployment of found) await change(invocation, deployment);
  return 0;
}

export async function updateDeployment({ session }: Invocation, deployment: KubernetesObject): Promise<void> {
  const { name, namespace = '' } = deployment.metadata;
  const client = await session.client();
  await client.json('PUT', resourcePath(KINDS.deployments, namespace, name), { body: deployment });
}
