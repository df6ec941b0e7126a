import { apiVersion, resourcePath, type Resource } from '../api/resource.ts';
import type { ApiList, ApiObject } from '../api/object.ts';
import { dryRunOf } from '../change.ts';
import type { Invocation } from '../command.ts';
import { CommandError, isNotFound } from '../errors.ts';
import { renderLog } from '../klog.ts';
import { lastApplied } from '../last-applied.ts';

/** kubectl/pkg/util/prune/prune.go, defaultNamespacedPruneResources and defaultNonNamespacedPruneResources. */
const DEFAULT_KINDS: readonly [version: string, kind: string][] = [
  ['v1', 'ConfigMap'],
  ['v1', 'Endpoints'],
  ['v1', 'PersistentVolumeClaim'],
  ['v1', 'Pod'],
  ['v1', 'ReplicationController'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'ReplicaSet'],
  ['apps/v1', 'StatefulSet'],
  ['v1', 'Namespace'],
  ['v1', 'PersistentVolume'],
];

const DEPRECATED =
  'Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.';

/** What was applied before, and is not among what was applied now. */
interface Prunable {
  resource: Resource;
  object: ApiObject;
}

/**
 * Looks for what was applied before, fits the selector and is not among what was applied now.
 * @param applied uids of what was applied now, with namespaces in `namespaces`.
 */
export async function* findPrunable(
  invocation: Invocation,
  applied: ReadonlySet<string>,
  namespaces: ReadonlySet<string>,
): AsyncGenerator<Prunable> {
  const { flags, io, session } = invocation;
  if (flags.list('prune-allowlist').length === 0) io.stderr.write(renderLog('W', 'prune.go:71', DEPRECATED, io.now()));
  const discovery = await session.discovery();
  const client = await session.client();
  for (const [version, kind] of chosenKinds(invocation)) {
    const resource = await discovery.findKind(version, kind);
    if (!resource)
      throw new CommandError(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(version)}`);
    for (const namespace of resource.namespaced ? namespaces : ['']) {
      const list = await client.json<ApiList>('GET', resourcePath(resource, namespace), {
        query: { labelSelector: flags.string('selector') || undefined },
        subject: { resource: resource.name },
      });
      for (const item of list.items ?? []) {
        if (applied.has(item.metadata?.uid ?? '') || lastApplied(item) === null) continue;
        yield { resource, object: { ...item, apiVersion: apiVersion(resource), kind } };
      }
    }
  }
}

/** Deletes what {@link findPrunable} finds, and says so. */
export async function prune(
  invocation: Invocation,
  applied: ReadonlySet<string>,
  namespaces: ReadonlySet<string>,
  print: (object: ApiObject, operation: string) => void,
): Promise<void> {
  const client = await invocation.session.client();
  const dryRun = dryRunOf(invocation);
  for await (const { resource, object } of findPrunable(invocation, applied, namespaces)) {
    const { name = '', namespace } = object.metadata ?? {};
    if (dryRun !== 'client') {
      try {
        await client.json('DELETE', resourcePath(resource, namespace, name), {
          body: { propagationPolicy: 'Background' },
          query: { dryRun: dryRun === 'server' ? 'All' : undefined },
        });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    print(object, 'pruned');
  }
}

function chosenKinds({ flags }: Invocation): readonly (readonly [version: string, kind: string])[] {
  const listed = flags.list('prune-allowlist');
  if (listed.length === 0) return DEFAULT_KINDS;
  return listed.map((text) => {
    const [group = '', version = '', kind, ...more] = text.split('/');
    if (kind === undefined || more.length > 0)
      throw new CommandError(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`);
    return [group === 'core' || group === '' ? version : `${group}/${version}`, kind] as const;
  });
}
