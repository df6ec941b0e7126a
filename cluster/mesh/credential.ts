import type { PodObject } from '../containers/pod-spec.ts';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';

/** What a Secret for TLS holds, in PEM; each is undefined where it is not there. */
export interface Credential {
  cert: string | undefined;
  key: string | undefined;
  /** Of whom the other side's certificate must be. */
  ca: string | undefined;
}

type Stored = KubernetesObject & { data?: Record<string, string> };

/**
 * What a `credentialName` stands for, as istiod hands it out (pilot/pkg/credentials/kube/secrets.go): `tls.crt`, `tls.key`
 * and `ca.crt`, or the generic `cert`, `key` and `cacert`; the CA also in `NAME-cacert`.
 */
export function readCredential(
  { objects, namespace }: { objects: ObjectReader; namespace: string | undefined },
  name: string,
): Credential {
  const [own, ofOthers] = [name, `${name}-cacert`].map(
    (each) => objects.get('secrets', namespace, each) as Stored | undefined,
  );
  const read = (secret: Stored | undefined, ...keys: string[]): string | undefined =>
    keys.map((key) => decoded(secret, key)).find((text) => text !== undefined);
  return {
    cert: read(own, 'tls.crt', 'cert'),
    key: read(own, 'tls.key', 'key'),
    ca: read(own, 'ca.crt', 'cacert') ?? read(ofOthers, 'ca.crt', 'cacert'),
  };
}

/**
 * A file of a pod's proxy that comes from a Secret or a ConfigMap, as its object is now; undefined for any other. Left out:
 * what lies in volumes of other kinds, and in the proxy's image.
 */
export function proxyFile(pod: KubernetesObject, path: string, objects: ObjectReader): string | undefined {
  const { spec } = pod as PodObject;
  const proxy = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(
    ({ name }) => name === 'istio-proxy',
  );
  const folder = (mountPath: string): string => (mountPath.endsWith('/') ? mountPath : `${mountPath}/`);
  const mount = (proxy?.volumeMounts ?? []).find(({ mountPath }) => path.startsWith(folder(mountPath)));
  const volume = spec?.volumes?.find(({ name }) => name === mount?.name);
  if (mount === undefined || volume === undefined) return undefined;
  const { secret, configMap } = volume;
  const source = secret ?? configMap;
  const file = path.slice(folder(mount.mountPath).length);
  const key = source?.items === undefined ? file : (source.items.find((item) => item.path === file)?.key ?? '');
  const { namespace } = pod.metadata;
  if (secret !== undefined) {
    return decoded(objects.get('secrets', namespace, secret.secretName ?? '') as Stored | undefined, key);
  }
  const stored = objects.get('configmaps', namespace, configMap?.name ?? '') as Stored | undefined;
  return stored?.data?.[key];
}

function decoded(secret: Stored | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}
