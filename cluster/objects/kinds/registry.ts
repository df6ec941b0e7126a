import { type ResourceKey } from '../object.ts';
import { NAMESPACE, NODE } from './cluster-kinds.ts';
import { CONFIG_MAP, SECRET, SERVICE_ACCOUNT } from './config.ts';
import { CUSTOM_RESOURCE_DEFINITION } from './custom-resource-definition.ts';
import { ENDPOINTS, ENDPOINT_SLICE } from './endpoints.ts';
import { EVENT } from './event.ts';
import { EVENT_V1 } from './events-v1.ts';
import { type IstioVersion } from '../../istio-version.ts';
import { istioKinds } from './istio.ts';
import { KEPT_KINDS } from './kept.ts';
import { PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS } from './storage.ts';
import { resourceKeyOf, type Kind } from './kind.ts';
import { POD } from './pod.ts';
import { RBAC_KINDS } from './rbac.ts';
import { REPLICATION_CONTROLLER } from './replication-controller.ts';
import { REVIEW_KINDS } from './reviews.ts';
import { SERVICE } from './service.ts';
import { UNUSED_KINDS } from './unused.ts';
import { CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, REPLICA_SET, STATEFUL_SET } from './workloads.ts';

/** The kinds of one cluster: the built-in ones, and those that its CustomResourceDefinitions add. */
export interface KindRegistry {
  /** In the order in which discovery lists them: core first, then by group and plural. */
  readonly kinds: readonly Kind[];
  /** Serves a kind from now on, in place of one with the same resource key. */
  add(kind: Kind): void;
  /** Serves it no more. */
  remove(resource: ResourceKey): void;
  /** @param plural as in the path of a request */
  byPath(group: string, version: string, plural: string): Kind | undefined;
  byResource(resource: ResourceKey): Kind | undefined;
  /** @param apiVersion `v1`, `apps/v1` */
  byObject(apiVersion: string, kind: string): Kind | undefined;
  /** Whether anything is served under the group and version. */
  hasVersion(group: string, version: string): boolean;
  /** The kind that a word of the command line names, with or without its group; short names included. */
  byWord(word: string): Kind | undefined;
}

const BUILT_IN: readonly Kind[] = [
  CONFIG_MAP,
  CRON_JOB,
  CUSTOM_RESOURCE_DEFINITION,
  DAEMON_SET,
  DEPLOYMENT,
  ENDPOINT_SLICE,
  ENDPOINTS,
  EVENT,
  EVENT_V1,
  JOB,
  NAMESPACE,
  NODE,
  POD,
  REPLICA_SET,
  REPLICATION_CONTROLLER,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
  STATEFUL_SET,
  PERSISTENT_VOLUME_CLAIM,
  PERSISTENT_VOLUME,
  STORAGE_CLASS,
  ...KEPT_KINDS,
  ...RBAC_KINDS,
  ...REVIEW_KINDS,
  ...UNUSED_KINDS,
];

const keyed = (kinds: readonly Kind[]) => new Map(kinds.map((kind) => [resourceKeyOf(kind), kind]));
const inOrder = (kinds: readonly Kind[]) =>
  kinds.toSorted((a, b) => compare(a.group, b.group) || compare(a.plural, b.plural));
interface KindSet {
  kinds: readonly Kind[];
  byKey: ReadonlyMap<ResourceKey, Kind>;
}
const shared = new Map<IstioVersion, KindSet>();

/** The kinds of a cluster with this release of Istio, made once for all clusters of the process. */
function kindsWith(istio: IstioVersion): KindSet {
  let set = shared.get(istio);
  if (!set) {
    const kinds = inOrder([...BUILT_IN, ...istioKinds(istio)]);
    shared.set(istio, (set = { kinds, byKey: keyed(kinds) }));
  }
  return set;
}

/**
 * A registry costs nothing until kinds are added: the built-in ones are shared by all clusters of the process.
 * @param istio the release whose kinds it has
 */
export function createKindRegistry(istio: IstioVersion = 'current'): KindRegistry {
  let { kinds, byKey } = kindsWith(istio);
  function serve(next: readonly Kind[]): void {
    kinds = inOrder(next);
    byKey = keyed(kinds);
  }
  const serves = (kind: Kind, group: string, version: string) =>
    kind.group === group && kind.versions.includes(version);
  return {
    get kinds() {
      return kinds;
    },
    add: (kind) => serve([...kinds.filter((one) => resourceKeyOf(one) !== resourceKeyOf(kind)), kind]),
    remove: (resource) => serve(kinds.filter((kind) => resourceKeyOf(kind) !== resource)),
    byResource: (resource) => byKey.get(resource),
    byPath(group, version, plural) {
      const kind = byKey.get(group ? `${plural}.${group}` : plural);
      return kind?.versions.includes(version) ? kind : undefined;
    },
    byObject(apiVersion, name) {
      const slash = apiVersion.indexOf('/');
      const group = slash < 0 ? '' : apiVersion.slice(0, slash);
      const version = apiVersion.slice(slash + 1);
      return kinds.find((kind) => kind.kind === name && serves(kind, group, version));
    },
    hasVersion: (group, version) => kinds.some((kind) => serves(kind, group, version)),
    byWord(word) {
      const [name = '', ...rest] = word.toLowerCase().split('.');
      const group = rest.join('.');
      // `deployments.apps`, also `deployments.v1.apps` as kubectl allows.
      const inGroup = (kind: Kind) =>
        rest.length === 0 ||
        kind.group === group ||
        kind.versions.some((version) => group === `${version}.${kind.group}`);
      const candidates = kinds.filter(inGroup);
      return (
        candidates.find((kind) => kind.plural === name) ??
        candidates.find((kind) => kind.singular === name || kind.kind.toLowerCase() === name) ??
        candidates.find((kind) => kind.shortNames?.includes(name))
      );
    },
  };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
