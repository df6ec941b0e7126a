import type { RawRequest } from './raw-client.ts';

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PURGE'];
const ROOTS = [
  '/api/v1',
  '/apis/apps/v1',
  '/apis/batch/v1',
  '/apis/networking.istio.io/v1',
  '/apis/rbac.authorization.k8s.io/v1',
  '/apis/apiextensions.k8s.io/v1',
  '/apis/networking.k8s.io/v1',
  '/apis/authorization.k8s.io/v1',
  '/apis/nosuch/v1',
  '/openapi/v3/apis',
  '/healthz',
  '',
];
const SERVED = [
  ['/api/v1', 'configmaps'],
  ['/api/v1', 'pods'],
  ['/api/v1', 'services'],
  ['/api/v1', 'secrets'],
  ['/apis/apps/v1', 'deployments'],
  ['/apis/apps/v1', 'statefulsets'],
  ['/apis/batch/v1', 'jobs'],
  ['/apis/batch/v1', 'cronjobs'],
  ['/apis/networking.istio.io/v1', 'virtualservices'],
  ['/apis/rbac.authorization.k8s.io/v1', 'roles'],
  ['/apis/networking.k8s.io/v1', 'networkpolicies'],
] as const;
const PLURALS = [
  'pods',
  'services',
  'configmaps',
  'secrets',
  'namespaces',
  'nodes',
  'events',
  'serviceaccounts',
  'resourcequotas',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'virtualservices',
  'roles',
  'clusterroles',
  'rolebindings',
  'customresourcedefinitions',
  'ingresses',
  'networkpolicies',
  'selfsubjectaccessreviews',
  'persistentvolumeclaims',
  'nosuch',
  '__proto__',
  'constructor',
];
const KINDS = [
  'Pod',
  'Service',
  'ConfigMap',
  'Secret',
  'Namespace',
  'Node',
  'Event',
  'ServiceAccount',
  'ResourceQuota',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'VirtualService',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'CustomResourceDefinition',
  'Ingress',
  'NetworkPolicy',
  'SelfSubjectAccessReview',
  'PersistentVolumeClaim',
  'List',
  '',
  'toString',
];
const NAMES = [
  'a',
  'b',
  'web',
  'default',
  'kube-system',
  '__proto__',
  'constructor',
  '..',
  '.',
  '%2e%2e',
  '%00',
  'a%2Fb',
  'A_B',
  'x'.repeat(300),
  '%F0%9F%92%A5',
  '%',
  '~',
  "'; DROP TABLE",
  'a:b',
];
const SUBRESOURCES = [
  'status',
  'scale',
  'log',
  'exec',
  'attach',
  'portforward',
  'eviction',
  'binding',
  'token',
  'finalize',
  'proxy',
  'nosuch',
  'ephemeralcontainers',
];
const QUERIES = [
  'watch=1',
  'watch=true&resourceVersion=1',
  'watch=1&sendInitialEvents=true',
  'limit=1',
  'limit=-1',
  'limit=1e9',
  'continue=abc',
  'continue=eyJydiI6MX0',
  'labelSelector=a%3Db',
  'labelSelector=a+in+(',
  'labelSelector=!!',
  'fieldSelector=metadata.name%3Da',
  'fieldSelector=status.phase',
  'dryRun=All',
  'dryRun=some',
  'fieldValidation=Strict',
  'fieldValidation=x',
  'fieldManager=m',
  'fieldManager=m&force=true',
  'resourceVersion=99999999',
  'resourceVersion=x',
  'gracePeriodSeconds=0',
  'gracePeriodSeconds=-5',
  'gracePeriodSeconds=x',
  'propagationPolicy=Foreground',
  'propagationPolicy=Orphan',
  'propagationPolicy=x',
  'timeoutSeconds=0',
  'follow=1',
  'tailLines=-1',
  'tailLines=x',
  'container=x',
  'command=ls',
  '%zz',
  'a=%E0%A4%A',
  'pretty=true',
  'includeObject=Object',
];
const TYPES = [
  'application/json',
  'application/json',
  'application/yaml',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  '',
];
const ACCEPTS = [
  'application/json',
  '*/*',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/vnd.kubernetes.protobuf',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'nonsense',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
];
const KEYS = [
  'metadata',
  'spec',
  'status',
  'data',
  'name',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'template',
  'containers',
  'image',
  'selector',
  'matchLabels',
  'replicas',
  'ports',
  'rules',
  'host',
  'http',
  'route',
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'items',
  'schedule',
  'versions',
  'names',
  'schema',
  'openAPIV3Schema',
  'properties',
  'type',
  'managedFields',
  'generateName',
  'resourceVersion',
  'uid',
];
const SCALARS = [
  0,
  -1,
  1,
  3.5,
  1e308,
  2 ** 53,
  true,
  false,
  null,
  '',
  'a',
  'web',
  '1',
  '-',
  'a/b',
  '../..',
  '\u0000',
  '💥',
  'x'.repeat(5_000),
  '2026-01-01T00:00:00Z',
  '100m',
  '10Gi',
  '50%',
  '*/5 * * * *',
  'object',
  'string',
  'merge',
  'delete',
  'replace',
  'nginx:1.27',
];

/** Endless requests as a confused or hostile client would send them. */
export function createRequestGenerator(seed: number): () => RawRequest {
  const roll = createDice(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(roll() * values.length)] as T;
  const chance = (share: number) => roll() < share;
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(roll() * 256)));

  function value(depth: number): unknown {
    if (depth <= 0 || chance(0.4)) return pick(SCALARS);
    const size = Math.floor(roll() * 4);
    if (chance(0.3)) return Array.from({ length: size }, () => value(depth - 1));
    return object(depth - 1, size);
  }

  // `__proto__` must be a key of its own, as it is in JSON.
  function object(depth: number, size: number): object {
    const result = {};
    for (let i = 0; i < size; i += 1) {
      const entry = { value: value(depth), enumerable: true, configurable: true, writable: true };
      Object.defineProperty(result, pick(KEYS), entry);
    }
    return result;
  }

  /** Fields of many kinds at once: those that a kind does not have are dropped. */
  function manifest(): object {
    const labels = { app: pick(['a', 'a', 'a', 'x y']) };
    const container = {
      name: pick(['a', 'a', 'a', 'A']),
      image: pick(['nginx:1.27', 'nginx:1.27', 'missing', '']),
      ...(chance(0.2) ? object(2, 1) : {}),
    };
    const podSpec = { containers: [container], restartPolicy: pick(['Always', 'Never', 'Never', 'x']) };
    const template = { metadata: { labels }, spec: podSpec };
    return {
      // Without a kind it is taken to be the one of the path.
      ...(chance(0.1) ? { apiVersion: pick(['v1', 'apps/v1', '', 'x/y/z']), kind: pick(KINDS) } : {}),
      metadata: {
        name: pick(['a', 'b', 'web', 'web', 'A_B', '', '..']),
        ...(chance(0.3) ? { generateName: 'g-' } : {}),
        ...(chance(0.2) ? object(2, 1) : {}),
      },
      data: { key: pick(['dmFsdWU=', 'dmFsdWU=', 'value']) },
      spec: {
        ...podSpec,
        replicas: pick([0, 1, 2, -1]),
        selector: chance(0.8) ? { matchLabels: labels } : labels,
        template,
        jobTemplate: { spec: { template } },
        schedule: pick(['* * * * *', '@hourly', '61 * * * *', '']),
        ports: [{ port: pick([80, 0, 99_999]) }],
        hosts: [pick(['a', '*', ''])],
        http: [{ route: [{ destination: { host: 'a' }, weight: pick([100, -1]) }] }],
        podSelector: {},
        ...(chance(0.3) ? object(3, 2) : {}),
      },
      ...(chance(0.2) ? object(3, 1) : {}),
    };
  }

  /** A request that a client in its right mind might send, with something wrong in it now and then. */
  function plausible(): RawRequest {
    const method = pick(['GET', 'POST', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE']);
    const parts = resource();
    if (method !== 'POST') parts.push(pick(['a', 'b', 'web']));
    if (method !== 'POST' && chance(0.2)) parts.push(pick(['status', 'scale', 'log', 'eviction']));
    const patch = pick(['merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml']);
    const type = method === 'PATCH' ? `application/${patch}` : 'application/json';
    const query = patch.startsWith('apply') ? '?fieldManager=m&force=true' : chance(0.2) ? `?${pick(QUERIES)}` : '';
    return {
      method,
      path: `${parts.join('/')}${query}`,
      headers: { 'content-type': type, accept: pick(ACCEPTS) },
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify(manifest()) }),
    };
  }

  function body(): Buffer | string {
    const text = JSON.stringify(chance(0.6) ? manifest() : value(5)) ?? 'null';
    if (chance(0.1)) return bytes(Math.floor(roll() * 200));
    if (chance(0.1)) return Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0]), bytes(Math.floor(roll() * 200))]);
    if (chance(0.1)) return text.slice(0, Math.floor(roll() * text.length));
    if (chance(0.05))
      return `[{"op":"${pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x'])}","path":"/${pick(KEYS)}/${pick(['0', '-', '~1', '~'])}","value":${text}}]`;
    if (chance(0.05)) return `a: &a [x]\nb: *a\n${text}`;
    return text;
  }

  function path(): string {
    const parts: string[] = chance(0.7)
      ? resource()
      : [pick(ROOTS), ...(chance(0.5) ? ['namespaces', pick(NAMES)] : []), pick(PLURALS)];
    if (chance(0.6)) parts.push(chance(0.6) ? pick(['a', 'b', 'web']) : pick(NAMES));
    if (chance(0.25)) parts.push(pick(SUBRESOURCES));
    if (chance(0.02)) parts.push('//', pick(NAMES));
    const query = chance(0.5)
      ? `?${Array.from({ length: 1 + Math.floor(roll() * 3) }, () => pick(QUERIES)).join('&')}`
      : '';
    return `${parts.join('/').replaceAll(' ', '%20')}${query}`.replace(/^(?!\/)/, '/');
  }

  /** A path that is served, so that more is met than the door. */
  function resource(): string[] {
    const [root, plural] = pick(SERVED);
    return [root, 'namespaces', 'default', plural];
  }

  return () => {
    if (chance(0.5)) return plausible();
    const method = pick(METHODS);
    const headers: Record<string, string> = { accept: pick(ACCEPTS) };
    const withBody = method !== 'GET' && method !== 'HEAD' && chance(0.9);
    if (withBody) headers['content-type'] = pick(TYPES);
    if (chance(0.05)) headers['impersonate-user'] = pick(['ann', 'system:serviceaccount:a:b', 'x'.repeat(1_000)]);
    return { method, path: path(), headers, ...(withBody ? { body: body() } : {}) };
  };
}
