/** What a new cluster holds: its namespaces, its node, and Istio. */
import { BOOTSTRAP_ROLES } from './bootstrap-roles.ts';
import { type Clock } from './clock.ts';
import { DEFAULT_STORAGE_CLASS } from './controllers/volumes.ts';
import { NODE_IP, NODE_NAME } from './controllers/kubelet/kubelet.ts';
import { SERVER_VERSION } from './api/discovery.ts';
import { meshObjects } from './bootstrap-mesh.ts';
import { meshWebhooks } from './bootstrap-webhooks.ts';
import { type Era } from './mesh/era.ts';
import { resourceKeyOf } from './objects/kinds/kind.ts';
import { type KindRegistry } from './objects/kinds/registry.ts';
import { type KubernetesObject } from './objects/object.ts';
import { type Random } from './objects/random.ts';
import { type ObjectStore } from './objects/store.ts';
import { type ObjectWriter } from './objects/writer.ts';
import { timestamp } from './objects/timestamp.ts';

/** Seeds an empty store. Controllers that start afterwards do the rest. @param era the Istio that is installed, if any */
export function bootstrap(
  deps: {
    store: ObjectStore;
    writer: ObjectWriter;
    kinds: KindRegistry;
    clock: Clock;
    random: Random;
  },
  { era }: { era: Era | null },
): void {
  const { store, writer, kinds, clock, random } = deps;
  const now = timestamp(clock.now());

  function create(object: Record<string, unknown>): void {
    const full = object as KubernetesObject;
    const kind = kinds.byObject(full.apiVersion, full.kind);
    if (!kind) throw new Error(`no kind ${full.kind} in ${full.apiVersion}`);
    writer.create(kind, full);
  }

  for (const name of [...SYSTEM_NAMESPACES, ...(era ? ['istio-system'] : [])]) {
    create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  store.insert('nodes', nodeObject(now, random));
  for (const name of ['etcd-0', 'controller-manager', 'scheduler']) {
    store.insert('componentstatuses', {
      apiVersion: 'v1',
      kind: 'ComponentStatus',
      metadata: { name },
      conditions: [{ message: 'ok', status: 'True', type: 'Healthy' }],
    });
  }
  create({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: NODE_NAME, namespace: 'kube-node-lease' },
    // Never renewed: a cluster that nobody looks at does nothing.
    spec: { holderIdentity: NODE_NAME, leaseDurationSeconds: 40, renewTime: now.replace('Z', '.000000Z') },
  });
  for (const object of [...BOOTSTRAP_ROLES, ...SYSTEM_OBJECTS, ...(era ? meshObjects(era) : [])]) create(object);
  for (const webhooks of era ? meshWebhooks(era) : []) {
    const { metadata, ...rest } = webhooks as KubernetesObject;
    const kind = kinds.byObject(rest.apiVersion, rest.kind);
    if (!kind) throw new Error(`no kind ${rest.kind}`);
    store.insert(resourceKeyOf(kind), {
      ...rest,
      metadata: { ...metadata, uid: random.uuid(), creationTimestamp: now, generation: 1 },
    });
  }
  for (const kind of kinds.kinds.filter((one) => one.custom)) {
    const { plural, singular, group, versions, shortNames, categories } = kind;
    const metadata = { name: `${plural}.${group}`, uid: random.uuid(), creationTimestamp: now, generation: 1 };
    store.insert('customresourcedefinitions.apiextensions.k8s.io', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { ...metadata, labels: { app: 'istio-pilot', chart: 'istio', heritage: 'Tiller', release: 'istio' } },
      spec: {
        conversion: { strategy: 'None' },
        group,
        names: { categories, kind: kind.kind, listKind: `${kind.kind}List`, plural, shortNames, singular },
        scope: kind.namespaced ? 'Namespaced' : 'Cluster',
        versions: versions.map((name, index) => ({
          name,
          served: true,
          storage: index === 0,
          subresources: { status: {} },
        })),
      },
      status: {
        acceptedNames: { categories, kind: kind.kind, listKind: `${kind.kind}List`, plural, shortNames, singular },
        conditions: [
          {
            lastTransitionTime: now,
            message: 'no conflicts found',
            reason: 'NoConflicts',
            status: 'True',
            type: 'NamesAccepted',
          },
          {
            lastTransitionTime: now,
            message: 'the initial names have been accepted',
            reason: 'InitialNamesAccepted',
            status: 'True',
            type: 'Established',
          },
        ],
        storedVersions: [versions[0]],
      },
    });
  }
}

function nodeObject(now: string, random: Random): KubernetesObject {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    message,
    reason,
    status,
    type,
  });
  const resources = { cpu: '4', 'ephemeral-storage': '61202244Ki', memory: '8140024Ki', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: NODE_NAME,
      uid: random.uuid(),
      creationTimestamp: now,
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': NODE_NAME,
        'kubernetes.io/os': 'linux',
        'node-role.kubernetes.io/control-plane': '',
      },
    },
    spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
    status: {
      addresses: [
        { address: NODE_IP, type: 'InternalIP' },
        { address: NODE_NAME, type: 'Hostname' },
      ],
      allocatable: resources,
      capacity: resources,
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: random.uuid(),
        containerRuntimeVersion: 'containerd://2.1.0',
        kernelVersion: '6.1.0-generic',
        kubeProxyVersion: '',
        kubeletVersion: SERVER_VERSION.gitVersion,
        machineID: random.hex(16),
        operatingSystem: 'linux',
        osImage: 'Tutorial Linux 1.0',
        systemUUID: random.uuid(),
      },
    },
  };
}

const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const SYSTEM_OBJECTS: readonly Record<string, unknown>[] = [
  DEFAULT_STORAGE_CLASS,
  // What kube-apiserver itself keeps there.
  ...['extension-apiserver-authentication', 'kube-apiserver-legacy-service-account-token-tracking'].map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system' },
  })),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: NODE_IP }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [NODE_IP], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  },
];
