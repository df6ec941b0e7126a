import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';
import { createRawClient } from './raw-client.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const labels = { app: 'a' };
const podSpec = {
  containers: [
    {
      name: 'a',
      image: 'nginx:1.27',
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'a' } } }],
      envFrom: [{ secretRef: { name: 'a' } }],
      ports: [{ containerPort: 80, name: 'http' }],
      resources: { requests: { cpu: '1m' } },
      readinessProbe: { httpGet: { path: '/', port: 'http' } },
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    },
  ],
  initContainers: [{ name: 'i', image: 'busybox:1.36' }],
  volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'a', items: [{ key: 'a', path: 'a' }] } }] } }],
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['a'] }] }],
      },
    },
  },
  restartPolicy: 'Never',
};
const template = { metadata: { labels }, spec: { ...podSpec, restartPolicy: 'Always' } };
const job = { template: { metadata: { labels }, spec: podSpec }, completions: 1 };

/** One whole object per path; each test takes something out of it. */
const WHOLE: readonly [path: string, kind: string, content: { [key: string]: Json }][] = [
  ['/api/v1/namespaces/default/pods', 'v1 Pod', { spec: podSpec }],
  [
    '/api/v1/namespaces/default/services',
    'v1 Service',
    { spec: { selector: labels, ports: [{ port: 80, targetPort: 'http', name: 'a' }] } },
  ],
  ['/api/v1/namespaces/default/configmaps', 'v1 ConfigMap', { data: { a: '1' }, binaryData: { b: 'MQ==' } }],
  ['/api/v1/namespaces/default/secrets', 'v1 Secret', { type: 'Opaque', data: { a: 'MQ==' }, stringData: { b: '1' } }],
  [
    '/api/v1/namespaces/default/endpoints',
    'v1 Endpoints',
    { subsets: [{ addresses: [{ ip: '1.2.3.4', targetRef: { kind: 'Pod', name: 'a' } }], ports: [{ port: 1 }] }] },
  ],
  ['/api/v1/namespaces/default/resourcequotas', 'v1 ResourceQuota', { spec: { hard: { pods: '900' } } }],
  [
    '/api/v1/namespaces/default/persistentvolumeclaims',
    'v1 PersistentVolumeClaim',
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ],
  [
    '/api/v1/namespaces/default/events',
    'v1 Event',
    {
      involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
      reason: 'a',
      message: 'a',
      count: 1,
      source: { component: 'a' },
    },
  ],
  [
    '/api/v1/nodes',
    'v1 Node',
    {
      spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
      status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'Hostname', address: 'a' }] },
    },
  ],
  ['/api/v1/namespaces', 'v1 Namespace', { spec: { finalizers: ['kubernetes'] } }],
  [
    '/apis/apps/v1/namespaces/default/deployments',
    'apps/v1 Deployment',
    {
      spec: {
        selector: { matchLabels: labels },
        template,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
      },
    },
  ],
  [
    '/apis/apps/v1/namespaces/default/replicasets',
    'apps/v1 ReplicaSet',
    { spec: { selector: { matchLabels: labels }, template } },
  ],
  [
    '/apis/apps/v1/namespaces/default/statefulsets',
    'apps/v1 StatefulSet',
    {
      spec: {
        serviceName: 'a',
        selector: { matchLabels: labels },
        template,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
        volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'] } }],
      },
    },
  ],
  [
    '/apis/apps/v1/namespaces/default/daemonsets',
    'apps/v1 DaemonSet',
    {
      spec: {
        selector: { matchLabels: labels },
        template,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
      },
    },
  ],
  ['/apis/batch/v1/namespaces/default/jobs', 'batch/v1 Job', { spec: job }],
  [
    '/apis/batch/v1/namespaces/default/cronjobs',
    'batch/v1 CronJob',
    { spec: { schedule: '@daily', jobTemplate: { metadata: { labels }, spec: job } } },
  ],
  [
    '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    'autoscaling/v2 HorizontalPodAutoscaler',
    {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
        maxReplicas: 2,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
    'networking.k8s.io/v1 Ingress',
    {
      spec: {
        ingressClassName: 'a',
        tls: [{ hosts: ['a'] }],
        rules: [
          {
            host: 'a',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    'networking.k8s.io/v1 NetworkPolicy',
    { spec: { podSelector: { matchLabels: labels }, ingress: [{ from: [{ podSelector: {} }] }] } },
  ],
  [
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    'discovery.k8s.io/v1 EndpointSlice',
    { addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4'], conditions: { ready: true } }], ports: [{ port: 1 }] },
  ],
  [
    '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    'policy/v1 PodDisruptionBudget',
    { spec: { minAvailable: 1, selector: { matchLabels: labels } } },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
    'rbac.authorization.k8s.io/v1 Role',
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    'rbac.authorization.k8s.io/v1 ClusterRoleBinding',
    {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'a', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  ],
  [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    {
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things', singular: 'thing', shortNames: ['th'] },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
            },
            additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }],
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', properties: { a: { type: 'string', enum: ['x'], default: 'x' } } },
                },
              },
            },
          },
        ],
      },
    },
  ],
  [
    '/apis/networking.istio.io/v1/namespaces/default/virtualservices',
    'networking.istio.io/v1 VirtualService',
    {
      spec: {
        hosts: ['a'],
        http: [
          {
            match: [{ uri: { prefix: '/' } }],
            route: [{ destination: { host: 'a', subset: 'v1', port: { number: 80 } }, weight: 100 }],
            fault: { delay: { fixedDelay: '1s', percentage: { value: 50 } } },
            retries: { attempts: 1 },
          },
        ],
      },
    },
  ],
  [
    '/apis/networking.istio.io/v1/namespaces/default/destinationrules',
    'networking.istio.io/v1 DestinationRule',
    {
      spec: {
        host: 'a',
        subsets: [{ name: 'v1', labels }],
        trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' }, outlierDetection: { consecutive5xxErrors: 1 } },
      },
    },
  ],
  [
    '/apis/networking.istio.io/v1/namespaces/default/gateways',
    'networking.istio.io/v1 Gateway',
    {
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
      },
    },
  ],
  [
    '/apis/security.istio.io/v1/namespaces/default/peerauthentications',
    'security.istio.io/v1 PeerAuthentication',
    {
      spec: {
        selector: { matchLabels: labels },
        mtls: { mode: 'STRICT' },
        portLevelMtls: { '80': { mode: 'DISABLE' } },
      },
    },
  ],
  [
    '/apis/security.istio.io/v1/namespaces/default/authorizationpolicies',
    'security.istio.io/v1 AuthorizationPolicy',
    {
      spec: {
        action: 'ALLOW',
        rules: [
          {
            from: [{ source: { principals: ['a'] } }],
            to: [{ operation: { methods: ['GET'] } }],
            when: [{ key: 'request.auth.claims[a]', values: ['a'] }],
          },
        ],
      },
    },
  ],
];

/** The value with each part of it taken out or replaced, one at a time. */
function* variants(value: Json): Generator<Json> {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const other of [null, {}]) yield value.with(index, other);
      for (const inner of variants(item)) yield value.with(index, inner);
    }
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const { [key]: _, ...rest } = value;
    yield rest;
    for (const other of [null, {}, [], '', -1]) yield { ...rest, [key]: other };
    for (const inner of variants(item)) yield { ...rest, [key]: inner };
  }
}

test.each(WHOLE)('%s takes or refuses each object that lacks a part', async (path, type, content) => {
  const [apiVersion = '', kind = ''] = type.split(' ');
  const served = await serveCluster({ mesh: false });
  const send = createRawClient(served.url);
  const headers = { 'content-type': 'application/json' };
  const name = kind === 'CustomResourceDefinition' ? 'things.example.com' : 'whole';
  const base = { apiVersion, kind, metadata: { name } };
  const whole = await send({ method: 'POST', path, headers, body: JSON.stringify({ ...base, ...content }) });
  const crashes: string[] = [];

  for (const variant of variants(content)) {
    const body = JSON.stringify({ ...base, ...(variant as object) });
    const other = JSON.stringify({ ...base, ...(variant as object), metadata: { name: 'other' } });
    const answers = await Promise.all([
      send({ method: 'PUT', path: `${path}/${name}`, headers, body }),
      send({ method: 'POST', path: `${path}?dryRun=All`, headers, body: other }),
    ]);
    for (const { status, text } of answers) if (status >= 500) crashes.push(`${text.slice(0, 500)} for ${body}`);
  }
  const table = await send({
    method: 'GET',
    path,
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });

  expect(whole.status).toBe(201);
  expect(crashes.slice(0, 5)).toEqual([]);
  expect(table.status).toBe(200);
});

test('a status that is taken away is an empty one', async () => {
  const { request } = await serveCluster({ mesh: false });
  const pod = {
    metadata: { name: 'a' },
    spec: { nodeSelector: { a: 'b' }, containers: [{ name: 'a', image: 'a:1' }] },
  };
  await request('POST', '/api/v1/namespaces/default/pods', pod);

  const written = await request('PUT', '/api/v1/namespaces/default/pods/a/status', pod);

  expect(written.status).toBe(200);
  expect(written.json.status).toEqual({});
});

test('owners that are named by half are refused', async () => {
  const { request } = await serveCluster({ mesh: false });
  const owned = (ownerReferences: object[]) =>
    request('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'a', ownerReferences } });
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: '1', controller: true };

  const empty = await owned([{}]);
  const two = await owned([owner, { ...owner, name: 'b' }]);

  expect(empty.json.message).toBe(
    'ConfigMap "a" is invalid: [metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty, metadata.ownerReferences.kind: Invalid value: "": must not be empty, metadata.ownerReferences.name: Invalid value: "": must not be empty, metadata.ownerReferences.uid: Invalid value: "": must not be empty]',
  );
  expect(two.status).toBe(422);
  expect(two.json.message).toContain(
    'Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b',
  );
});
