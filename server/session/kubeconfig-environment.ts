import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { KubernetesObject } from '../../cluster/index.ts';
import { FileError, UserError } from '../errors.ts';
import type { Environment, ObjectReader } from './environment.ts';
import { type KubectlResult, runKubectl } from './kubectl.ts';
import { type FolderOptions, makeLearnerFolder } from './learner-folder.ts';
import { type Manifest, readManifests } from './read-manifests.ts';
import type { RealCluster } from './real-cluster.ts';

export interface KubeconfigOptions extends FolderOptions {
  /** The cluster, which whoever asked for the lesson has agreed to. */
  realCluster: RealCluster;
  /** Manifests applied before anything else, absolute paths. */
  setup: readonly string[];
}

/** On namespaces that are a session's own; its value is the session. */
const SESSION_LABEL = 'taller.dev/session';

/** How long a process that ends waits for the cluster to take its last request. */
const EXIT_MS = 10_000;

interface Placed extends Manifest {
  file: string;
}

type Kubectl = (args: readonly string[], input?: string) => Promise<KubectlResult>;

/**
 * A session in a cluster that others use as well. It works in namespaces of its own: those that the setup of the lesson
 * names, or one when it names none. They are made here, refused when they are there already, and deleted at the end;
 * nothing else of the cluster is touched.
 *
 * Leaves nothing behind when it fails.
 * @throws UserError NAMESPACE_TAKEN, CLUSTER_UNREACHABLE, MANIFEST_INVALID, FILES_UNREADABLE
 */
export async function createKubeconfigEnvironment(options: KubeconfigOptions): Promise<Environment> {
  const { realCluster } = options;
  const id = randomBytes(4).toString('hex');
  const manifests: Placed[] = [];
  for (const file of options.setup) {
    for (const manifest of await readManifests(file)) manifests.push({ ...manifest, file });
  }
  const namespaces = ownNamespaces(manifests, `taller-${id}`);
  const [current = ''] = namespaces.keys();
  const folder = await makeLearnerFolder(options, realCluster.kubeconfig(current), { TALLER_ISTIO: 'current' });
  const kubectl: Kubectl = (args, input) => runKubectl(args, folder.checkEnv, input);
  // By label: what is not ours stays, whatever its name.
  const removal = ['delete', 'namespaces', '-l', `${SESSION_LABEL}=${id}`, '--ignore-not-found'];
  // `check` that is ended with Ctrl-C; before the folder goes, where our kubectl and its kubeconfig are.
  const removeNow = () =>
    void spawnSync('kubectl', [...removal, '--wait=false'], { env: folder.checkEnv, timeout: EXIT_MS });
  process.prependOnceListener('exit', removeNow);
  const remove = async () => {
    const gone = await kubectl(removal);
    process.off('exit', removeNow);
    await folder.remove();
    if (gone.exit !== 0) throw new UserError('CLUSTER_UNREACHABLE', `namespaces of ${id} are left: ${gone.stderr}`);
  };

  try {
    await refuseClusterWide(kubectl, manifests);
    for (const [name, manifest] of namespaces) await makeNamespace(kubectl, name, id, manifest);
    await applySetup(kubectl, manifests);
  } catch (error) {
    await remove();
    throw error;
  }
  let disposed: Promise<void> | undefined;
  return {
    ...folder,
    objects: createReader(kubectl, current),
    ingressName: '',
    greeting: greet(realCluster, [...namespaces.keys()]),
    exclusive: true,
    meshGraph: () => null,
    onVerdict: () => () => undefined,
    dispose: () => (disposed ??= remove()),
  };
}

/** Every namespace that the setup names, with its manifest if it has one; the current one is the first. */
function ownNamespaces(manifests: readonly Placed[], otherwise: string): Map<string, Placed | undefined> {
  const found = new Map<string, Placed | undefined>();
  for (const manifest of manifests) {
    const { kind, metadata } = manifest.object;
    if (isNamespace(manifest)) found.set(metadata.name, manifest);
    else if (metadata.namespace !== undefined && kind !== 'Namespace' && !found.has(metadata.namespace)) {
      found.set(metadata.namespace, undefined);
    }
  }
  if (found.size === 0) found.set(otherwise, undefined);
  return found;
}

function isNamespace({ object }: Manifest): boolean {
  return object.kind === 'Namespace' && object.apiVersion === 'v1';
}

/** What lies outside of namespaces would stay, or change what others have. */
async function refuseClusterWide(kubectl: Kubectl, manifests: readonly Placed[]): Promise<void> {
  if (manifests.every(isNamespace)) return;
  const { stdout } = succeed(await kubectl(['api-resources', '--namespaced=false', '--no-headers']));
  const clusterWide = new Set(
    stdout.split('\n').map((line) => {
      // NAME, perhaps SHORTNAMES, APIVERSION, NAMESPACED, KIND
      const [kind = '', , version = ''] = line.trim().split(/\s+/).toReversed();
      return `${version} ${kind}`;
    }),
  );
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest.object;
    if (isNamespace(manifest) || !clusterWide.has(`${apiVersion} ${kind}`)) continue;
    throw new FileError(
      'MANIFEST_INVALID',
      manifest,
      `the ${kind} ${metadata.name} belongs to the whole cluster, and this lesson shares it with others. Leave it out, or use environment: embedded.`,
    );
  }
}

async function makeNamespace(kubectl: Kubectl, name: string, id: string, manifest: Placed | undefined): Promise<void> {
  const metadata = { ...manifest?.object.metadata, name };
  const namespace = {
    ...manifest?.object,
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...metadata, labels: { ...metadata.labels, [SESSION_LABEL]: id } },
  };
  const made = await kubectl(['create', '-f', '-'], JSON.stringify(namespace));
  if (made.exit === 0) return;
  if (!made.stderr.includes('AlreadyExists')) succeed(made);
  const label = `jsonpath={.metadata.labels.${SESSION_LABEL.replaceAll('.', '\\.')}}`;
  const { stdout: owner } = await kubectl(['get', 'namespace', name, '-o', label]);
  const what =
    owner === ''
      ? `the cluster has a namespace "${name}" already, and it is not Taller's. Choose another cluster, or rename it in the lesson.`
      : `the namespace "${name}" is in use by another session (${owner}). If there is none, delete it: kubectl delete namespace ${name}`;
  throw new UserError('NAMESPACE_TAKEN', what);
}

async function applySetup(kubectl: Kubectl, manifests: readonly Placed[]): Promise<void> {
  const rest = manifests.filter((manifest) => !isNamespace(manifest));
  for (const file of new Set(rest.map((manifest) => manifest.file))) {
    const here = rest.filter((manifest) => manifest.file === file);
    const items = here.map(({ object }) => object);
    const applied = await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    if (applied.exit === 0) continue;
    const what = `the cluster refuses what it holds: ${applied.stderr.trim()}`;
    throw new FileError('MANIFEST_INVALID', { file, line: here[0]?.line ?? 1 }, what);
  }
}

/** @throws UserError CLUSTER_UNREACHABLE */
function succeed(result: KubectlResult): KubectlResult {
  if (result.exit === 0) return result;
  throw new UserError('CLUSTER_UNREACHABLE', `the cluster does not do what the lesson needs: ${result.stderr.trim()}`);
}

/** What checks read, with the server's copy of the kubeconfig. */
function createReader(kubectl: Kubectl, current: string): ObjectReader {
  return {
    async read(resource, namespace = current, name) {
      const read = await kubectl(['get', resource, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
      if (read.exit !== 0) throw new Error(read.stderr.trim().replace(/^error: /, ''));
      return read.stdout.trim() === '' ? undefined : (JSON.parse(read.stdout) as KubernetesObject);
    },
  };
}

function greet({ context, server, user }: RealCluster, namespaces: readonly string[]): string {
  return `This terminal works on a real cluster: ${server} (context ${context}, user ${user}).
Namespaces of this lesson, deleted at its end: ${namespaces.join(', ')}`;
}
