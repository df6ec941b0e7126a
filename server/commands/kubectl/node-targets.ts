import type { ApiObject } from './api/object.ts';
import type { Invocation } from './command.ts';
import { CommandError, UsageError } from './errors.ts';
import { findTargets, listTarget, type Target } from './targets.ts';

/** A node as the server has it, and where it is. */
export interface NodeTarget {
  target: Target;
  node: ApiObject & { spec?: { unschedulable?: boolean } };
}

/** The nodes that a command names by name or by `-l`. kubectl/pkg/cmd/drain/drain.go, Complete. */
export async function findNodes(invocation: Invocation): Promise<NodeTarget[]> {
  const { args, flags, path } = invocation;
  const selector = flags.string('selector');
  if (args.length === 0 && selector === '') throw new UsageError(`USAGE: ${path.split(' ').at(-1) ?? ''} NODE [flags]`);
  if (args.length > 0 && selector !== '')
    throw new CommandError('error: cannot specify both a node name and a --selector option');
  const words = args.some((word) => word.includes('/')) ? args : ['node', ...args];
  const targets = await findTargets(invocation, { words });
  const nodes: NodeTarget[] = [];
  for (const target of targets) {
    if (target.resource.name !== 'nodes')
      throw new CommandError(`error: expected resource of type node, got ${JSON.stringify(target.resource.kind)}`);
    for (const node of await listTarget(invocation, target)) {
      nodes.push({ target: { ...target, name: node.metadata?.name ?? '' }, node });
    }
  }
  return nodes;
}
