/**
 * Serves what CustomResourceDefinitions define, and removes it with them.
 * k8s.io/apiextensions-apiserver/pkg/controller: naming, establishing and finalizer. Upstream they are steps apart in
 * time; here a definition is established in the turn in which it is written.
 */
import { resourceKeyOf } from '../objects/kinds/kind.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../objects/kinds/custom-resource-definition.ts';
import { customKind, type CustomResourceDefinition } from '../objects/kinds/custom-kind.ts';
import { type StoreEvent } from '../objects/object.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';

export function createCustomResourceDefinitions({ store, writer, kinds, clock }: ControllerDeps): Controller {
  const own = resourceKeyOf(CUSTOM_RESOURCE_DEFINITION);
  /** Definitions of this cluster; kinds that are built in, such as Istio's, stay as they are. */
  const defined = new Set<string>();

  function establish(crd: CustomResourceDefinition): void {
    const { names } = crd.spec;
    const condition = (type: string, reason: string, message: string) => ({
      lastTransitionTime: timestamp(clock.now()),
      message,
      reason,
      status: 'True',
      type,
    });
    const status = {
      ...crd.status,
      acceptedNames: names,
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
    };
    const { resourceVersion: _, ...metadata } = crd.metadata;
    writer.update(CUSTOM_RESOURCE_DEFINITION, { ...crd, metadata, status }, { subresource: 'status' });
  }

  function removeInstances(crd: CustomResourceDefinition): void {
    const kind = kinds.byResource(crd.metadata.name);
    if (!kind) return;
    for (const { metadata } of store.list(crd.metadata.name)) {
      writer.remove(kind, metadata.namespace, metadata.name);
    }
    kinds.remove(crd.metadata.name);
  }

  function onEvent({ type, object }: StoreEvent): void {
    const crd = object as CustomResourceDefinition;
    const { name } = crd.metadata;
    if (type === 'DELETED') {
      defined.delete(name);
      return removeInstances(crd);
    }
    if (!defined.has(name) && kinds.byResource(name)) return;
    defined.add(name);
    kinds.add(customKind(crd));
    const established = crd.status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True');
    if (!established) establish(crd);
  }

  const stop = store.watch(own, onEvent);
  return { dispose: stop };
}
