import { isRecord } from '../api/object.ts';
import type { Lines } from './lines.ts';

/** @param space as in `addContainers`. */
export function addVolumes(lines: Lines, volumes: readonly unknown[] | undefined, space: string): void {
  if (!volumes || volumes.length === 0) {
    lines.raw(`${space}Volumes:\t<none>\n`);
    return;
  }
  lines.raw(`${space}Volumes:\n`);
  for (const volume of volumes) {
    if (!isRecord(volume)) continue;
    lines.add(1, `${space === '' ? '' : ' '}${String(volume.name)}:`);
    addVolumeFields(lines, 2, volume);
  }
}

/** Where a volume comes from. @param level as in `Lines.add` */
export function addVolumeFields(lines: Lines, level: number, volume: Record<string, unknown>): void {
  for (const [title, value] of fieldsOf(volume)) lines.add(level, `${title}:`, value);
}

type Fields = [title: string, value: string][];

function fieldsOf(volume: Record<string, unknown>): Fields {
  const part = (name: string) => (isRecord(volume[name]) ? volume[name] : null);
  const text = (value: unknown, missing = '') => (value === undefined || value === null ? missing : String(value));
  const emptyDir = part('emptyDir');
  if (emptyDir) {
    return [
      ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ['Medium', text(emptyDir.medium)],
      ['SizeLimit', text(emptyDir.sizeLimit, '<unset>')],
    ];
  }
  const hostPath = part('hostPath');
  if (hostPath) {
    return [
      ['Type', 'HostPath (bare host directory volume)'],
      ['Path', text(hostPath.path)],
      ['HostPathType', text(hostPath.type, '<none>')],
    ];
  }
  const secret = part('secret');
  if (secret) {
    return [
      ['Type', 'Secret (a volume populated by a Secret)'],
      ['SecretName', text(secret.secretName)],
      ['Optional', text(secret.optional, 'false')],
    ];
  }
  const configMap = part('configMap');
  if (configMap) {
    return [
      ['Type', 'ConfigMap (a volume populated by a ConfigMap)'],
      ['Name', text(configMap.name)],
      ['Optional', text(configMap.optional, 'false')],
    ];
  }
  const claim = part('persistentVolumeClaim');
  if (claim) {
    return [
      ['Type', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)'],
      ['ClaimName', text(claim.claimName)],
      ['ReadOnly', text(claim.readOnly, 'false')],
    ];
  }
  const downward = part('downwardAPI');
  if (downward) {
    const items = Array.isArray(downward.items) ? downward.items.filter(isRecord) : [];
    return [
      ['Type', 'DownwardAPI (a volume populated by information about the pod)'],
      ['Items', ''],
      ...items.map((item): [string, string] => {
        const field = isRecord(item.fieldRef) ? text(item.fieldRef.fieldPath) : '';
        return [`  ${field} -> ${text(item.path)}`, ''];
      }),
    ];
  }
  const projected = part('projected');
  if (projected) {
    const sources = Array.isArray(projected.sources) ? projected.sources.filter(isRecord) : [];
    return [
      ['Type', 'Projected (a volume that contains injected data from multiple sources)'],
      ...sources.flatMap(sourceFields),
    ];
  }
  return [['Type', '<unknown>']];
}

function sourceFields(source: Record<string, unknown>): Fields {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  if (isRecord(secret)) {
    return [
      ['SecretName', String(secret.name)],
      ['Optional', String(secret.optional ?? false)],
    ];
  }
  if (isRecord(configMap)) {
    return [
      ['ConfigMapName', String(configMap.name)],
      ['Optional', String(configMap.optional ?? false)],
    ];
  }
  if (isRecord(downwardAPI)) return [['DownwardAPI', 'true']];
  if (isRecord(serviceAccountToken))
    return [['TokenExpirationSeconds', String(serviceAccountToken.expirationSeconds ?? 3600)]];
  return [];
}
