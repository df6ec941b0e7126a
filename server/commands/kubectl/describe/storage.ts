import { isRecord, type ApiList } from '../api/object.ts';
import { renderLabelSelector } from '../pods.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';
import { addVolumeFields } from './volumes.ts';

type Fields = Record<string, unknown>;

const part = (value: unknown): Fields => (isRecord(value) ? value : {});
const text = (value: unknown, missing = ''): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : missing;

const MODES: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const renderModes = (modes: unknown): string =>
  (Array.isArray(modes) ? modes : []).map((mode) => MODES[String(mode)] ?? String(mode)).join(',');
const renderFinalizers = (finalizers: unknown): string =>
  `[${(Array.isArray(finalizers) ? finalizers : []).map(String).join(' ')}]`;

/** kubectl/pkg/describe/describe.go, describePersistentVolumeClaim. */
export const describeClaim: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const isBound = text(spec.volumeName) !== '';
  const lines = new Lines();
  lines
    .add(0, 'Name:', metadata.name ?? '')
    .add(0, 'Namespace:', metadata.namespace ?? '')
    .add(0, 'StorageClass:', text(spec.storageClassName))
    .add(0, 'Status:', metadata.deletionTimestamp ? 'Terminating' : text(status.phase))
    .add(0, 'Volume:', text(spec.volumeName));
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines
    .add(0, 'Finalizers:', renderFinalizers(metadata.finalizers))
    .add(0, 'Capacity:', isBound ? text(part(status.capacity).storage) : '')
    .add(0, 'Access Modes:', isBound ? renderModes(status.accessModes) : '');
  if (spec.volumeMode) lines.add(0, 'VolumeMode:', text(spec.volumeMode));
  const path = `/api/v1/namespaces/${encodeURIComponent(metadata.namespace ?? '')}/pods`;
  const pods = (await client.json<ApiList>('GET', path, { query: { limit: 500 } })).items ?? [];
  const users = pods.filter((pod) => {
    const { volumes } = part(pod.spec);
    const list = Array.isArray(volumes) ? volumes.filter(isRecord) : [];
    return list.some(({ persistentVolumeClaim }) => part(persistentVolumeClaim).claimName === metadata.name);
  });
  if (users.length === 0) lines.add(0, 'Used By:', '<none>');
  users.forEach((pod, index) => lines.add(0, index === 0 ? 'Used By:' : '', pod.metadata?.name ?? ''));
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** describePersistentVolume. */
export const describeVolume: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  const claim = isRecord(spec.claimRef) ? `${text(spec.claimRef.namespace)}/${text(spec.claimRef.name)}` : '';
  lines
    .add(0, 'Finalizers:', renderFinalizers(metadata.finalizers))
    .add(0, 'StorageClass:', text(spec.storageClassName))
    .add(0, 'Status:', metadata.deletionTimestamp ? 'Terminating' : text(status.phase))
    .add(0, 'Claim:', claim)
    .add(0, 'Reclaim Policy:', text(spec.persistentVolumeReclaimPolicy))
    .add(0, 'Access Modes:', renderModes(spec.accessModes));
  if (spec.volumeMode) lines.add(0, 'VolumeMode:', text(spec.volumeMode));
  lines.add(0, 'Capacity:', text(part(spec.capacity).storage));
  addNodeAffinity(lines, spec.nodeAffinity);
  lines.add(0, 'Message:', text(status.message)).raw('Source:\n');
  addVolumeFields(lines, 2, spec);
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

function addNodeAffinity(lines: Lines, affinity: unknown): void {
  const { nodeSelectorTerms } = part(part(affinity).required);
  const terms = Array.isArray(nodeSelectorTerms) ? nodeSelectorTerms.filter(isRecord) : [];
  if (terms.length === 0) {
    lines.raw('Node Affinity:\t<none>\n');
    return;
  }
  lines.raw('Node Affinity:\t\n').raw('  Required Terms:\t\n');
  for (const [index, { matchExpressions }] of terms.entries()) {
    const expressions = (Array.isArray(matchExpressions) ? matchExpressions : []).map((expression) =>
      renderLabelSelector({ matchExpressions: [expression] })
        .replace('(', '[')
        .replace(')', ']')
        .replaceAll(',', ', '),
    );
    lines.raw(`    Term ${index}:\t${expressions[0] ?? '<none>'}\n`);
    for (const expression of expressions.slice(1)) lines.raw(`           \t${expression}\n`);
  }
}

/** describeStorageClass. */
export const describeStorageClass: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const isDefault = metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  const lines = new Lines();
  const pairs = (value: Record<string, unknown>) =>
    Object.keys(value)
      .sort()
      .map((key) => `${key}=${String(value[key])}`)
      .join(',') || '<none>';
  const options = Array.isArray(object.mountOptions) ? object.mountOptions.map(String) : [];
  lines
    .add(0, 'Name:', metadata.name ?? '')
    .add(0, 'IsDefaultClass:', isDefault ? 'Yes' : 'No')
    .add(0, 'Annotations:', pairs(metadata.annotations ?? {}))
    .add(0, 'Provisioner:', text(object.provisioner))
    .add(0, 'Parameters:', pairs(part(object.parameters)))
    .add(0, 'AllowVolumeExpansion:', text(object.allowVolumeExpansion, '<unset>'))
    .raw(
      options.length === 0
        ? 'MountOptions:\t<none>\n'
        : `MountOptions:\n${options.map((one) => `  ${one}\n`).join('')}`,
    )
    .add(0, 'ReclaimPolicy:', text(object.reclaimPolicy))
    .add(0, 'VolumeBindingMode:', text(object.volumeBindingMode));
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** The claims of a StatefulSet: describeVolumeClaimTemplates. */
export function addClaimTemplates(lines: Lines, templates: unknown): void {
  const list = Array.isArray(templates) ? templates.filter(isRecord) : [];
  if (list.length === 0) {
    lines.add(0, 'Volume Claims:', '<none>');
    return;
  }
  lines.raw('Volume Claims:\n');
  for (const template of list) {
    const [metadata, spec] = [part(template.metadata), part(template.spec)];
    const modes = Array.isArray(spec.accessModes) ? spec.accessModes.map(String) : [];
    lines.add(1, 'Name:', text(metadata.name)).add(1, 'StorageClass:', text(spec.storageClassName));
    addLabels(lines, '  Labels', part(metadata.labels) as Record<string, string>);
    addLabels(lines, '  Annotations', part(metadata.annotations) as Record<string, string>);
    lines.add(1, 'Capacity:', text(part(part(spec.resources).requests).storage, '<default>'));
    lines.add(1, 'Access Modes:', `[${modes.join(' ')}]`);
  }
}
