/**
 * Says which pods stand behind a service: EndpointSlices, and Endpoints for older clients.
 * Kubernetes 1.32, pkg/controller/endpointslice and endpoint. One slice per set of port numbers, never split.
 */
import { equalJson } from '../objects/json.ts';
import {
  ENDPOINT_SLICE,
  ENDPOINTS,
  type Endpoints,
  type EndpointSlice,
  type SliceEndpoint,
  type SlicePort,
} from '../objects/kinds/endpoints.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type Service, type ServicePort } from '../objects/kinds/service.ts';
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { controllerReference, isReady } from './pod-readiness.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SLICES = 'endpointslices.discovery.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

export function createEndpointsController({ store, writer, clock }: ControllerDeps): Controller {
  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitQueueKey(key);
    const service = store.get('services', namespace, name) as Service | undefined;
    // Without a selector somebody else keeps the endpoints; of a service that is gone the collector takes them.
    if (!service?.spec.selector || service.spec.type === 'ExternalName') return;
    const pods = store.list('pods', namespace).filter((pod) => isCandidate(pod as Pod, service)) as Pod[];
    const groups = groupByPorts(service, pods);
    writeSlices(service, groups);
    writeEndpoints(service, groups);
  });

  function slicesOf(service: Service): EndpointSlice[] {
    return store
      .list(SLICES, service.metadata.namespace)
      .filter(
        ({ metadata }) =>
          metadata.labels?.[SERVICE_NAME] === service.metadata.name &&
          metadata.labels?.[MANAGED_BY] === 'endpointslice-controller.k8s.io',
      ) as EndpointSlice[];
  }

  function writeSlices(service: Service, groups: readonly PortGroup[]): void {
    const existing = slicesOf(service);
    const headless = service.spec.clusterIP === 'None';
    const labels = {
      ...service.metadata.labels,
      [MANAGED_BY]: 'endpointslice-controller.k8s.io',
      [SERVICE_NAME]: service.metadata.name,
      ...(headless ? { 'service.kubernetes.io/headless': '' } : {}),
    };
    const wanted = groups.length > 0 ? groups : [{ ports: [], pods: [] }];
    for (const [index, { ports, pods }] of wanted.entries()) {
      const endpoints = pods.map((pod) => endpointOf(pod, service));
      const content = {
        addressType: 'IPv4',
        endpoints: endpoints.length > 0 ? endpoints : null,
        ports: ports.length > 0 ? ports : null,
      };
      const slice = existing.find((one) => equalJson(one.ports, content.ports)) ?? existing[index];
      if (slice) {
        existing.splice(existing.indexOf(slice), 1);
        if (
          !equalJson({ addressType: slice.addressType, endpoints: slice.endpoints, ports: slice.ports }, content) ||
          !equalJson(slice.metadata.labels, labels)
        ) {
          writer.update(ENDPOINT_SLICE, { ...slice, metadata: { ...slice.metadata, labels }, ...content });
        }
      } else {
        const { namespace = 'default', name } = service.metadata;
        writer.create(ENDPOINT_SLICE, {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: {
            name: '',
            generateName: `${name}-`,
            namespace,
            labels,
            ownerReferences: [controllerReference(service)],
          },
          ...content,
        });
      }
    }
    for (const slice of existing) writer.remove(ENDPOINT_SLICE, slice.metadata.namespace, slice.metadata.name);
  }

  function writeEndpoints(service: Service, groups: readonly PortGroup[]): void {
    const { namespace = 'default', name, labels } = service.metadata;
    const subsets = groups.map(({ ports, pods }) => {
      const address = (pod: Pod) => ({
        ip: pod.status.podIP ?? '',
        nodeName: pod.spec.nodeName,
        targetRef: { kind: 'Pod', name: pod.metadata.name, namespace, uid: pod.metadata.uid },
      });
      const ready = pods.filter((pod) => isReady(pod) || service.spec.publishNotReadyAddresses);
      const others = pods.filter((pod) => !ready.includes(pod) && !pod.metadata.deletionTimestamp);
      return {
        ...(ready.length > 0 ? { addresses: ready.map(address) } : {}),
        ...(others.length > 0 ? { notReadyAddresses: others.map(address) } : {}),
        ports: ports.map((port) => ({
          ...(port.name ? { name: port.name } : {}),
          port: port.port ?? 0,
          protocol: port.protocol,
        })),
      };
    });
    const filled = subsets.filter((one) => one.addresses || one.notReadyAddresses);
    const object = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace, labels: { ...labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } },
      ...(filled.length > 0 ? { subsets: filled } : {}),
    };
    const existing = store.get('endpoints', namespace, name) as Endpoints | undefined;
    if (!existing) {
      writer.create(ENDPOINTS, object);
    } else if (
      !equalJson(existing.subsets ?? [], filled) ||
      !equalJson(existing.metadata.labels, object.metadata.labels)
    ) {
      writer.update(ENDPOINTS, { ...object, metadata: { ...existing.metadata, labels: object.metadata.labels } });
    }
  }

  const stops = [
    store.watch('services', ({ type, object }) => {
      const { namespace, name } = object.metadata;
      queue.add(queueKey(namespace, name));
      // Endpoints are tied to their service by name alone.
      if (type === 'DELETED' && store.get('endpoints', namespace, name)) writer.remove(ENDPOINTS, namespace, name);
    }),
    store.watchChanges('pods', ({ object, previous }) => {
      for (const service of store.list('services', object.metadata.namespace) as Service[]) {
        if ([object, previous].some((pod) => pod && selects(service, pod as Pod))) {
          queue.add(queueKey(service.metadata.namespace, service.metadata.name));
        }
      }
    }),
  ];
  for (const { metadata } of store.list('services')) queue.add(queueKey(metadata.namespace, metadata.name));
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}

interface PortGroup {
  ports: SlicePort[];
  pods: Pod[];
}

function selects(service: Service, pod: Pod): boolean {
  const { selector } = service.spec;
  return selector !== undefined && matchesLabelSelectorObject({ matchLabels: selector }, pod.metadata.labels);
}

function isCandidate(pod: Pod, service: Service): boolean {
  const phase = pod.status?.phase;
  return selects(service, pod) && Boolean(pod.status?.podIP) && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Pods that resolve the service's named ports to the same numbers stand together. */
function groupByPorts(service: Service, pods: readonly Pod[]): PortGroup[] {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    const ports = (service.spec.ports ?? []).flatMap((port) => {
      const number = resolvePort(port, pod);
      if (number === undefined) return [];
      return [
        {
          name: port.name ?? '',
          port: number,
          protocol: port.protocol ?? 'TCP',
          ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
        },
      ];
    });
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, pods: [] };
    groups.set(key, group);
    group.pods.push(pod);
  }
  for (const group of groups.values())
    group.pods.sort((a, b) => compareIps(a.status.podIP ?? '', b.status.podIP ?? ''));
  return [...groups.values()];
}

function compareIps(left: string, right: string): number {
  const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return number(left) - number(right);
}

function resolvePort(port: ServicePort, pod: Pod): number | undefined {
  if (typeof port.targetPort === 'number') return port.targetPort;
  if (port.targetPort === undefined) return port.port;
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    const match = container.ports?.find(
      (one) => one.name === port.targetPort && (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
    if (match) return match.containerPort;
  }
  return undefined;
}

function endpointOf(pod: Pod, service: Service): SliceEndpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const hostname = pod.spec.hostname;
  return {
    addresses: [pod.status.podIP ?? ''],
    conditions: {
      ready: (serving && !terminating) || service.spec.publishNotReadyAddresses === true,
      serving,
      terminating,
    },
    ...(typeof hostname === 'string' && pod.spec.subdomain === service.metadata.name ? { hostname } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: {
      kind: 'Pod',
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? 'default',
      uid: pod.metadata.uid ?? '',
    },
  };
}
