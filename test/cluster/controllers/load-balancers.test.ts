import { expect, test } from 'vitest';
import { SERVICE } from '../../../cluster/objects/kinds/service.ts';
import { startTestPlane } from '../test-plane.ts';

const service = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
});
type Plane = Awaited<ReturnType<typeof startTestPlane>>;
const addressOf = (plane: Plane, name: string) =>
  (plane.get('services', name).status as { loadBalancer: { ingress?: { ip: string }[] } }).loadBalancer.ingress?.[0]
    ?.ip;

test('every service that asks for a load balancer gets an address of its own', async () => {
  const plane = await startTestPlane();
  plane.apply(service('one'), service('two'));
  await plane.clock.run(10);

  const addresses = [addressOf(plane, 'one'), addressOf(plane, 'two')];
  expect(new Set(addresses).size).toBe(2);
  for (const address of addresses) expect(address).toMatch(/^172\.18\.255\.\d+$/);
});

test('a service that asks for an address gets it or waits until it is free', async () => {
  const plane = await startTestPlane();
  plane.apply(service('one', { loadBalancerIP: '172.18.255.77' }));
  await plane.clock.run(10);
  plane.apply(service('two', { loadBalancerIP: '172.18.255.77' }));
  await plane.clock.run(10);

  expect(addressOf(plane, 'one')).toBe('172.18.255.77');
  expect(addressOf(plane, 'two')).toBeUndefined();

  plane.writer.remove(SERVICE, 'default', 'one');
  await plane.clock.run(100);

  expect(addressOf(plane, 'two')).toBe('172.18.255.77');
});

test('a service that is no load balancer any more gives its address back', async () => {
  const plane = await startTestPlane();
  plane.apply(service('one'));
  await plane.clock.run(10);
  plane.apply(service('one', { type: 'ClusterIP' }));
  await plane.clock.run(10);

  expect(addressOf(plane, 'one')).toBeUndefined();
});
