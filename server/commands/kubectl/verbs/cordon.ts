import { resourcePath } from '../api/resource.ts';
import { dryRunOf } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { DRY_RUN_FLAG, SELECTOR_FLAG } from '../flag-sets.ts';
import { findNodes, type NodeTarget } from '../node-targets.ts';

export const cordon = cordoning(true, 'Keeps new pods off nodes; those that run there stay.');
export const uncordon = cordoning(false, 'Lets new pods onto nodes again.');

function cordoning(wanted: boolean, long: string): Command {
  return {
    usage: 'NODE',
    long,
    flags: [DRY_RUN_FLAG, SELECTOR_FLAG],
    async run(invocation) {
      for (const each of await findNodes(invocation)) await setUnschedulable(invocation, each, wanted);
      return 0;
    },
  };
}

/** Changes one node and says so. */
export async function setUnschedulable(
  invocation: Invocation,
  { target, node }: NodeTarget,
  wanted: boolean,
): Promise<void> {
  const { io, session } = invocation;
  const name = node.metadata?.name ?? '';
  const dryRun = dryRunOf(invocation);
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  const same = (node.spec?.unschedulable ?? false) === wanted;
  if (!same && dryRun !== 'client') {
    const client = await session.client();
    await client.json('PATCH', resourcePath(target.resource, '', name), {
      body: { spec: { unschedulable: wanted ? true : null } },
      contentType: 'application/strategic-merge-patch+json',
      query: { dryRun: dryRun === 'server' ? 'All' : undefined },
      subject: { resource: 'nodes', name },
    });
  }
  const done = wanted ? 'cordoned' : 'uncordoned';
  io.stdout.write(`node/${name} ${same ? `already ${done}` : done}${suffix}\n`);
}
