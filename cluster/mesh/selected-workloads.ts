import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import type { EntryEndpoint } from './service-entry.ts';
import type { Workload } from './workload.ts';
import { selects } from './workload-selector.ts';

/** What the mesh reads of a WorkloadEntry: an endpoint outside of the cluster, by itself. */
interface WorkloadEntry extends KubernetesObject {
  spec?: EntryEndpoint;
}

/**
 * What the `workloadSelector` of a ServiceEntry selects in its namespace: pods, and WorkloadEntries by their own labels
 * and those of their objects. Left out: Services, which would select WorkloadEntries too.
 * @param workloadOf a pod as the mesh sees it
 */
export function selectedWorkloads(
  objects: ObjectReader,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  workloadOf: (pod: KubernetesObject) => Pick<Workload, 'labels'>,
): EntryEndpoint[] {
  const pods = objects.list('pods', namespace).filter((pod) => selects(labels, workloadOf(pod).labels));
  const entries = objects.list('workloadentries.networking.istio.io', namespace) as readonly WorkloadEntry[];
  return [
    ...pods.flatMap((pod) => {
      const address = (pod as { status?: { podIP?: string } }).status?.podIP;
      return address === undefined ? [] : [{ address }];
    }),
    ...entries.flatMap(({ metadata, spec = {} }) => {
      const own = { ...metadata.labels, ...spec.labels };
      return selects(labels, own) ? [{ ...spec, labels: own }] : [];
    }),
  ];
}
