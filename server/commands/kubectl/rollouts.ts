import { isRecord, type ApiObject, type ObjectMeta } from './api/object.ts';
import type { DeploymentConfig } from './oc/deployment-configs.ts';
import { deploymentConfigStatus } from './oc/rollout-status.ts';

/** The fields of a workload that rollouts are about. */
export interface Workload extends ApiObject {
  metadata: ObjectMeta;
  spec: {
    replicas?: number;
    paused?: boolean;
    template?: ApiObject;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
  };
  status?: Record<string, unknown>;
}

export interface RolloutStatus {
  message: string;
  done: boolean;
}

/**
 * How far a rollout is. kubectl/pkg/polymorphichelpers/rollout_status.go.
 * @returns an `error` when it has failed or the kind has no rollouts.
 */
export function rolloutStatus(object: ApiObject): RolloutStatus | { error: string } {
  const workload = object as Workload;
  if (object.kind === 'Deployment') return deploymentStatus(workload);
  if (object.kind === 'DaemonSet') return daemonSetStatus(workload);
  if (object.kind === 'StatefulSet') return statefulSetStatus(workload);
  if (object.kind === 'DeploymentConfig') return deploymentConfigStatus(object as DeploymentConfig);
  return { error: `no status viewer has been implemented for ${object.kind ?? ''}` };
}

function deploymentStatus({ metadata, spec, status = {} }: Workload): RolloutStatus | { error: string } {
  const { name = '' } = metadata;
  const count = (field: string) => Number(status[field] ?? 0);
  if ((metadata.generation ?? 0) > count('observedGeneration')) {
    return { message: 'Waiting for deployment spec update to be observed...\n', done: false };
  }
  const conditions = (Array.isArray(status.conditions) ? status.conditions : []).filter(isRecord);
  const progressing = conditions.find((condition) => condition.type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return { error: `deployment "${name}" exceeded its progress deadline` };
  const replicas = spec.replicas ?? 1;
  const updated = count('updatedReplicas');
  const waiting = `Waiting for deployment "${name}" rollout to finish: `;
  if (updated < replicas) {
    return { message: `${waiting}${updated} out of ${replicas} new replicas have been updated...\n`, done: false };
  }
  if (count('replicas') > updated) {
    return {
      message: `${waiting}${count('replicas') - updated} old replicas are pending termination...\n`,
      done: false,
    };
  }
  if (count('availableReplicas') < updated) {
    return {
      message: `${waiting}${count('availableReplicas')} of ${updated} updated replicas are available...\n`,
      done: false,
    };
  }
  return { message: `deployment "${name}" successfully rolled out\n`, done: true };
}

function daemonSetStatus({ metadata, spec, status = {} }: Workload): RolloutStatus | { error: string } {
  const { name = '' } = metadata;
  const count = (field: string) => Number(status[field] ?? 0);
  if (spec.updateStrategy?.type !== 'RollingUpdate')
    return { error: `rollout status is only available for RollingUpdate strategy type` };
  if ((metadata.generation ?? 0) > count('observedGeneration')) {
    return { message: 'Waiting for daemon set spec update to be observed...\n', done: false };
  }
  const desired = count('desiredNumberScheduled');
  const waiting = `Waiting for daemon set "${name}" rollout to finish: `;
  if (count('updatedNumberScheduled') < desired) {
    return {
      message: `${waiting}${count('updatedNumberScheduled')} out of ${desired} new pods have been updated...\n`,
      done: false,
    };
  }
  if (count('numberAvailable') < desired) {
    return {
      message: `${waiting}${count('numberAvailable')} of ${desired} updated pods are available...\n`,
      done: false,
    };
  }
  return { message: `daemon set "${name}" successfully rolled out\n`, done: true };
}

function statefulSetStatus({ metadata, spec, status = {} }: Workload): RolloutStatus | { error: string } {
  const count = (field: string) => Number(status[field] ?? 0);
  if (spec.updateStrategy?.type !== 'RollingUpdate')
    return { error: `rollout status is only available for RollingUpdate strategy type` };
  if (count('observedGeneration') === 0 || (metadata.generation ?? 0) > count('observedGeneration')) {
    return { message: 'Waiting for statefulset spec update to be observed...\n', done: false };
  }
  const replicas = spec.replicas ?? 1;
  if (count('readyReplicas') < replicas) {
    return { message: `Waiting for ${replicas - count('readyReplicas')} pods to be ready...\n`, done: false };
  }
  const partition = spec.updateStrategy.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    if (count('updatedReplicas') < replicas - partition) {
      return {
        message: `Waiting for partitioned roll out to finish: ${count('updatedReplicas')} out of ${replicas - partition} new pods have been updated...\n`,
        done: false,
      };
    }
    return {
      message: `partitioned roll out complete: ${count('updatedReplicas')} new pods have been updated...\n`,
      done: true,
    };
  }
  if (status.updateRevision !== status.currentRevision) {
    return {
      message: `waiting for statefulset rolling update to complete ${count('updatedReplicas')} pods at revision ${String(status.updateRevision)}...\n`,
      done: false,
    };
  }
  return {
    message: `statefulset rolling update complete ${count('currentReplicas')} pods at revision ${String(status.currentRevision)}...\n`,
    done: true,
  };
}
