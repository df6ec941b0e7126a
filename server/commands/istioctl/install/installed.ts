import { CommandError } from '../../kubectl/errors.ts';
import type { FlagSpec } from '../../kubectl/flags.ts';
import type { Invocation } from '../command.ts';
import { controlPlanePods } from '../control-plane.ts';
import { listObjects, type KubernetesObject } from '../resources.ts';

export interface Deployment extends KubernetesObject {
  spec?: { replicas?: number };
  status?: { readyReplicas?: number };
}

/** Flags of commands that would install. They are read, and change nothing. */
export const INSTALL_FLAGS: readonly FlagSpec[] = [
  { name: 'charts', type: 'string', usage: 'Accepted; nothing is installed', hidden: true },
  { name: 'dry-run', type: 'bool', usage: 'Accepted; nothing is installed in any case' },
  { name: 'filename', short: 'f', type: 'csv', usage: 'Accepted; settings of a file change nothing' },
  { name: 'force', type: 'bool', usage: 'Accepted; nothing is installed', hidden: true },
  { name: 'manifests', short: 'd', type: 'string', usage: 'Accepted; nothing is installed', hidden: true },
  { name: 'readiness-timeout', type: 'duration', default: '5m0s', usage: 'Accepted; nothing is waited for' },
  { name: 'revision', short: 'r', type: 'string', usage: 'Accepted; there is one revision' },
  { name: 'set', short: 's', type: 'list', usage: 'Accepted; settings change nothing' },
  { name: 'skip-confirmation', short: 'y', type: 'bool', usage: 'Accepted; nothing is asked' },
  { name: 'wait', short: 'w', type: 'bool', usage: 'Accepted; nothing is waited for', hidden: true },
];

/**
 * The control plane's deployments.
 * @throws CommandError when there is none: a cluster has its Istio from the start, or never
 */
export async function installedDeployments(invocation: Invocation): Promise<Deployment[]> {
  const { session, istioNamespace } = invocation;
  if ((await controlPlanePods(invocation)).length === 0) {
    throw new CommandError(
      `Istio is not installed in ${istioNamespace}, and Taller does not simulate its installation: a cluster has its Istio from the start`,
    );
  }
  return listObjects<Deployment>(session, 'deployments', istioNamespace);
}

export function isReady({ spec, status }: Deployment): boolean {
  return (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1);
}

/** Why nothing happens; on stderr, because upstream says nothing of the kind. */
export function sayInstalled({ io, release, istioNamespace }: Invocation): void {
  io.stderr.write(
    `Istio ${release.version} is installed already in ${istioNamespace} of this cluster; nothing was changed.\n`,
  );
}
