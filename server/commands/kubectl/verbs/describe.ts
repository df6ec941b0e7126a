import type { ApiList, ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import type { DescribeContext, Describer } from '../describe/describer.ts';
import { CommandError, isNotFound, ManyErrors } from '../errors.ts';
import { ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, fileFlags, SELECTOR_FLAG } from '../flag-sets.ts';
import { alignColumns, DESCRIBE_OPTIONS } from '../output/tabwriter.ts';
import { hasChanged } from '../release.ts';
import { findTargets, getTarget, listTarget, type Target } from '../targets.ts';

export const command: Command = {
  usage: '(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  long: 'Shows an object with what belongs to it, events included. A name that is not there is taken as the beginning of names.',
  examples: [
    ['A pod', 'describe pod web'],
    ['All pods with a label', 'describe pods -l app=web'],
    ['What a file made', 'describe -f web.yaml'],
  ],
  flags: [
    ...fileFlags('with the objects to describe'),
    ALL_NAMESPACES_FLAG,
    CHUNK_SIZE_FLAG,
    SELECTOR_FLAG,
    {
      name: 'show-events',
      type: 'bool',
      default: 'true',
      usage: 'Show the events about each object; of several only when asked for.',
    },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session, program } = invocation;
  if (args.length === 0 && flags.list('filename').length === 0 && flags.string('kustomize') === '') {
    throw new CommandError(
      `You must specify the type of resource to describe. Use "${program} api-resources" for a complete list of supported resources.`,
    );
  }
  const allNamespaces = flags.bool('all-namespaces');
  const targets = await findTargets(invocation, { allWhenNoName: true, allNamespaces });
  const errors: unknown[] = [];
  const found: { target: Target; object: ApiObject; byPrefix: boolean }[] = [];
  for (const target of targets) {
    try {
      const { objects, byPrefix } = await findObjects(invocation, target);
      found.push(...objects.map((object) => ({ target, object, byPrefix })));
    } catch (error) {
      errors.push(error);
    }
  }
  const count = found.length;
  const quiet = count > 1 && !flags.changed('show-events') && hasChanged(io, 'several are described without events');
  const context = { client: await session.client(), events: flags.bool('show-events') && !quiet, now: io.now() };
  for (const [index, { target, object, byPrefix }] of found.entries()) {
    // Those that a prefix found come without events and with an empty line behind: DescribeMatchingResources.
    const text = await describe(target, object, byPrefix ? { ...context, events: false } : context);
    io.stdout.write(byPrefix ? `${text}\n` : `${index > 0 ? '\n\n' : ''}${text}`);
  }
  if (errors.length > 0) throw new ManyErrors(errors);
  if (count === 0) {
    const where = allNamespaces ? '' : ` in ${(await session.namespace()).name} namespace.`;
    io.stderr.write(`No resources found${where}\n`);
  }
  return 0;
}

async function findObjects(
  invocation: Invocation,
  target: Target,
): Promise<{ objects: ApiObject[]; byPrefix: boolean }> {
  if (target.name === undefined) return { objects: await listTarget(invocation, target), byPrefix: false };
  try {
    return { objects: [await getTarget(invocation, target)], byPrefix: false };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const named = await withPrefix(invocation, target, target.name);
    if (named.length === 0) throw error;
    return { objects: named, byPrefix: true };
  }
}

async function withPrefix({ session }: Invocation, target: Target, prefix: string): Promise<ApiObject[]> {
  const client = await session.client();
  const list = await client.json<ApiList>('GET', resourcePath(target.resource, target.namespace), {
    query: { limit: 500 },
  });
  const kind = { apiVersion: list.apiVersion, kind: target.resource.kind };
  return (list.items ?? [])
    .filter((item) => item.metadata?.name?.startsWith(prefix))
    .map((item) => ({ ...kind, ...item }));
}

async function describe({ resource }: Target, object: ApiObject, context: DescribeContext): Promise<string> {
  const describer = await findDescriber(resource.group, resource.kind);
  return alignColumns(await describer(object, context), DESCRIBE_OPTIONS);
}

async function findDescriber(group: string, kind: string): Promise<Describer> {
  switch (`${group}/${kind}`) {
    case '/Pod':
      return (await import('../describe/pod.ts')).describePod;
    case '/Service':
      return (await import('../describe/service.ts')).describeService;
    case '/Node':
      return (await import('../describe/node.ts')).describeNode;
    case '/Namespace':
      return (await import('../describe/small.ts')).describeNamespace;
    case '/ConfigMap':
      return (await import('../describe/small.ts')).describeConfigMap;
    case '/Secret':
      return (await import('../describe/small.ts')).describeSecret;
    case '/ServiceAccount':
      return (await import('../describe/small.ts')).describeServiceAccount;
    case 'rbac.authorization.k8s.io/Role':
    case 'rbac.authorization.k8s.io/ClusterRole':
      return (await import('../describe/small.ts')).describeRole;
    case 'rbac.authorization.k8s.io/RoleBinding':
    case 'rbac.authorization.k8s.io/ClusterRoleBinding':
      return (await import('../describe/small.ts')).describeRoleBinding;
    case 'apps/Deployment':
      return (await import('../describe/workloads.ts')).describeDeployment;
    case '/ReplicationController':
    case 'apps/ReplicaSet':
    case 'apps/StatefulSet':
    case 'apps/DaemonSet':
      return (await import('../describe/workloads.ts')).describePodSet;
    case 'networking.k8s.io/Ingress':
      return (await import('../describe/ingress.ts')).describeIngress;
    case 'apps.openshift.io/DeploymentConfig':
      return (await import('../oc/describe-deployment-config.ts')).describeDeploymentConfig;
    case 'route.openshift.io/Route':
      return (await import('../describe/route.ts')).describeRoute;
    case 'batch/Job':
      return (await import('../describe/workloads.ts')).describeJob;
    case '/PersistentVolumeClaim':
      return (await import('../describe/storage.ts')).describeClaim;
    case '/PersistentVolume':
      return (await import('../describe/storage.ts')).describeVolume;
    case 'storage.k8s.io/StorageClass':
      return (await import('../describe/storage.ts')).describeStorageClass;
    case '/ResourceQuota':
      return (await import('../describe/limits.ts')).describeQuota;
    case '/LimitRange':
      return (await import('../describe/limits.ts')).describeLimitRange;
    case 'policy/PodDisruptionBudget':
      return (await import('../describe/limits.ts')).describeDisruptionBudget;
    case 'scheduling.k8s.io/PriorityClass':
      return (await import('../describe/limits.ts')).describePriorityClass;
    case 'autoscaling/HorizontalPodAutoscaler':
      return (await import('../describe/limits.ts')).describeAutoscaler;
    case 'networking.k8s.io/NetworkPolicy':
      return (await import('../describe/network-policy.ts')).describeNetworkPolicy;
    case '/Endpoints':
      return (await import('../describe/endpoints.ts')).describeEndpoints;
    case 'discovery.k8s.io/EndpointSlice':
      return (await import('../describe/endpoints.ts')).describeEndpointSlice;
    case 'batch/CronJob':
      return (await import('../describe/cron-job.ts')).describeCronJob;
    default:
      return (await import('../describe/any.ts')).describeAny;
  }
}
