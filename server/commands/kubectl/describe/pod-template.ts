import type { ApiObject } from '../api/object.ts';
import type { Pod } from '../pods.ts';
import { addContainers } from './containers.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';
import { addNodeSelectors, addTolerations } from './scheduling.ts';
import { addVolumes } from './volumes.ts';

/** A pod template with tabs between cells: `rollout history` prints it so, `describe` aligns it. */
export function describeTemplate(template: ApiObject): string {
  const lines = new Lines();
  lines.raw('Pod Template:\n');
  const spec = (template as Pod).spec ?? { containers: [] };
  addLabels(lines, '  Labels', template.metadata?.labels);
  if (Object.keys(template.metadata?.annotations ?? {}).length > 0) {
    addAnnotations(lines, '  Annotations', template.metadata?.annotations);
  }
  if (spec.serviceAccountName) lines.add(1, 'Service Account:', String(spec.serviceAccountName));
  if (spec.initContainers?.length)
    addContainers(lines, 'Init Containers', spec.initContainers, undefined, () => '', '  ');
  addContainers(lines, 'Containers', spec.containers, undefined, () => '', '  ');
  addVolumes(lines, spec.volumes as unknown[] | undefined, '  ');
  if (spec.priorityClassName) lines.add(1, 'Priority Class Name:', String(spec.priorityClassName));
  addNodeSelectors(lines, '  ', spec.nodeSelector);
  addTolerations(lines, '  ', spec.tolerations);
  return lines.toString();
}
