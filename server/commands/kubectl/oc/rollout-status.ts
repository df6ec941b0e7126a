import type { RolloutStatus } from '../rollouts.ts';
import type { DeploymentConfig } from './deployment-configs.ts';

/** openshift/oc, pkg/helpers/originpolymorphichelpers/deploymentconfigs/status.go. */
export function deploymentConfigStatus({
  metadata = {},
  spec = {},
  status = {},
}: DeploymentConfig): RolloutStatus | { error: string } {
  const { name = '', generation = 0 } = metadata;
  const { triggers = [], replicas = 0 } = spec;
  if ((status.latestVersion ?? 0) === 0) {
    if (triggers.some(({ type }) => type === 'ImageChange')) {
      return { message: `Deployment config "${name}" waiting on image update\n`, done: false };
    }
    if (triggers.length === 0) {
      return { error: `Deployment config "${name}" waiting on manual update (use 'oc rollout latest ${name}')` };
    }
  }
  if (generation > (status.observedGeneration ?? 0)) {
    const message = 'Waiting for latest deployment config spec to be observed by the controller loop...\n';
    return { message, done: false };
  }
  const { reason, message = '' } = status.conditions?.find(({ type }) => type === 'Progressing') ?? {};
  if (reason === 'NewReplicationControllerAvailable') return { message: `${message}\n`, done: true };
  if (reason === 'ProgressDeadlineExceeded' || reason === 'RolloutCancelled') return { error: message };
  const [updated, available, total] = [
    status.updatedReplicas ?? 0,
    status.availableReplicas ?? 0,
    status.replicas ?? 0,
  ];
  const waiting = (what: string) => ({ message: `Waiting for rollout to finish: ${what}...\n`, done: false });
  if (updated < replicas) return waiting(`${updated} out of ${replicas} new replicas have been updated`);
  if (total > updated) return waiting(`${total - updated} old replicas are pending termination`);
  if (available < updated) return waiting(`${available} of ${updated} updated replicas are available`);
  return {
    message: 'Waiting for latest deployment config spec to be observed by the controller loop...\n',
    done: false,
  };
}
