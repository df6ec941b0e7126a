/**
 * Gives services of type LoadBalancer an address, as MetalLB does with a pool in the node's own network: the one that a
 * service asks for, else the first that is free. metallb/controller/service.go. Left out: what announces the addresses.
 */
import { SERVICE, type Service } from '../objects/kinds/service.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

/** `172.18.255.1` to `172.18.255.250`, in the network that kind's nodes live in. */
const POOL = Array.from({ length: 250 }, (_, index) => `172.18.255.${index + 1}`);

export function createLoadBalancerController({ store, writer, clock, events }: ControllerDeps): Controller {
  const services = (): Service[] => store.list('services') as Service[];
  const addressOf = ({ status }: Service): string | undefined => status?.loadBalancer?.ingress?.[0]?.ip;

  const queue = createWorkQueue(clock, (key) => {
    const service = store.get('services', ...splitQueueKey(key)) as Service | undefined;
    if (!service || service.metadata.deletionTimestamp) return;
    const known = addressOf(service);
    if (service.spec.type !== 'LoadBalancer') {
      if (known !== undefined) setAddress(service, undefined);
      return;
    }
    const wanted = service.spec.loadBalancerIP;
    if (known !== undefined && (!wanted || wanted === known)) return;
    const taken = new Set(services().flatMap((other) => (other === service ? [] : (addressOf(other) ?? []))));
    const address = POOL.find((candidate) => !taken.has(candidate) && (!wanted || candidate === wanted));
    if (address === undefined) {
      const why = wanted ? `"${wanted}" is not free in the pool` : 'no available IPs';
      const message = `Failed to allocate IP for ${JSON.stringify(key)}: ${why}`;
      events.record('metallb-controller', service, { type: 'Warning', reason: 'AllocationFailed', message });
      return;
    }
    setAddress(service, address);
    const message = `Assigned IP [${JSON.stringify(address)}]`;
    events.record('metallb-controller', service, { type: 'Normal', reason: 'IPAllocated', message });
  });

  function setAddress(service: Service, ip: string | undefined): void {
    const { resourceVersion: _, ...metadata } = service.metadata;
    const loadBalancer = ip === undefined ? {} : { ingress: [{ ip, ipMode: 'VIP' }] };
    const status = { ...service.status, loadBalancer };
    writer.update(SERVICE, { ...service, metadata, status } as KubernetesObject, { subresource: 'status' });
  }

  const look = ({ metadata }: KubernetesObject): void => queue.add(queueKey(metadata.namespace, metadata.name));
  const stop = store.watch('services', ({ type, object }) => {
    if (type !== 'DELETED') return look(object);
    // An address has become free: whoever waits for one may get it.
    if (addressOf(object as Service) === undefined) return;
    for (const service of services()) if (addressOf(service) === undefined) look(service);
  });
  for (const service of services()) look(service);
  return {
    dispose() {
      stop();
      queue.dispose();
    },
  };
}
