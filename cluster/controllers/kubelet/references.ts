import { type Container, type Pod } from '../../objects/kinds/pod-types.ts';
import { type ObjectReader } from '../../objects/object.ts';

interface VolumeSources {
  name: string;
  configMap?: { name?: string; optional?: boolean };
  secret?: { secretName?: string; optional?: boolean };
  persistentVolumeClaim?: { claimName: string };
  projected?: {
    sources?: { configMap?: { name?: string; optional?: boolean }; secret?: { name?: string; optional?: boolean } }[];
  };
}

/** Why a volume of the pod cannot be mounted; undefined when all can. */
export function missingVolume(pod: Pod, objects: ObjectReader): string | undefined {
  const { namespace } = pod.metadata;
  const problem = (resource: 'configmaps' | 'secrets', name: string | undefined, optional: boolean | undefined) => {
    if (!name || optional || objects.get(resource, namespace, name)) return undefined;
    return `${resource === 'secrets' ? 'secret' : 'configmap'} ${JSON.stringify(name)} not found`;
  };
  for (const volume of (pod.spec.volumes ?? []) as unknown as VolumeSources[]) {
    const found = [
      problem('configmaps', volume.configMap?.name, volume.configMap?.optional),
      problem('secrets', volume.secret?.secretName, volume.secret?.optional),
      ...(volume.projected?.sources ?? []).flatMap((source) => [
        problem('configmaps', source.configMap?.name, source.configMap?.optional),
        problem('secrets', source.secret?.name, source.secret?.optional),
      ]),
    ].find(Boolean);
    // These two are made with the namespace; a pod that is quicker than they are does not wait for them.
    if (found?.includes('"kube-root-ca.crt"') || found?.includes('"istio-ca-root-cert"')) continue;
    if (found) return `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${found}`;
  }
  return undefined;
}

interface EnvFrom {
  configMapRef?: { name: string; optional?: boolean };
  secretRef?: { name: string; optional?: boolean };
}

/** Why a container cannot be configured (CreateContainerConfigError); undefined when it can. */
export function missingConfig(pod: Pod, container: Container, objects: ObjectReader): string | undefined {
  const { namespace } = pod.metadata;
  const data = (resource: 'configmaps' | 'secrets', name: string) =>
    objects.get(resource, namespace, name)?.data as Record<string, string> | undefined;
  const word = { configmaps: 'configmap', secrets: 'secret' } as const;
  const keys = (container.env ?? []).flatMap(({ valueFrom }) => [
    ...(valueFrom?.configMapKeyRef ? [{ resource: 'configmaps' as const, ...valueFrom.configMapKeyRef }] : []),
    ...(valueFrom?.secretKeyRef ? [{ resource: 'secrets' as const, ...valueFrom.secretKeyRef }] : []),
  ]);
  for (const { resource, name, key, optional } of keys) {
    if (optional) continue;
    if (!objects.get(resource, namespace, name)) return `${word[resource]} ${JSON.stringify(name)} not found`;
    if (data(resource, name)?.[key] === undefined) {
      return `couldn't find key ${key} in ${resource === 'secrets' ? 'Secret' : 'ConfigMap'} ${namespace}/${name}`;
    }
  }
  for (const { configMapRef, secretRef } of (container.envFrom ?? []) as EnvFrom[]) {
    for (const [resource, reference] of [
      ['configmaps', configMapRef],
      ['secrets', secretRef],
    ] as const) {
      if (reference && !reference.optional && !objects.get(resource, namespace, reference.name)) {
        return `${word[resource]} ${JSON.stringify(reference.name)} not found`;
      }
    }
  }
  return undefined;
}
