/**
 * Keeps as many pods as a ReplicationController asks for. Upstream, too, it is the controller of ReplicaSets in front
 * of other objects: Kubernetes 1.32, pkg/controller/replication/replication_controller.go.
 */
import { type ReplicationController, REPLICATION_CONTROLLER } from '../objects/kinds/replication-controller.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createReplicaController } from './replica-sets.ts';

export function createReplicationControllerController(deps: ControllerDeps): Controller {
  return createReplicaController(deps, {
    kind: REPLICATION_CONTROLLER,
    resource: 'replicationcontrollers',
    source: 'replication-controller',
    selectorOf: (object) => ({ matchLabels: (object as ReplicationController).spec.selector }),
    countsTerminating: false,
  });
}
