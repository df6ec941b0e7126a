import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import type { IstioVersion } from '../../cluster/index.ts';
import { applyObject } from '../../cluster/objects/apply.ts';
import { createKindRegistry } from '../../cluster/objects/kinds/registry.ts';
import { OPENSHIFT_KINDS } from '../../cluster/openshift/openshift.ts';
import type { KubernetesObject } from '../../cluster/objects/object.ts';
import { createFakeRuntime, type FakeRuntime } from './fake-runtime.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export interface TestPlane extends ControlPlane {
  clock: ManualClock;
  node: FakeRuntime;
  apply(...objects: Record<string, unknown>[]): void;
  get(resource: string, name: string, namespace?: string): KubernetesObject;
  names(resource: string, namespace?: string): string[];
  /** Messages of the events about objects of this name. */
  events(name: string): string[];
}

/**
 * A control plane on a manual clock with containers of the test’s own. Ends with the test.
 * @param istio the release that is installed; default today’s
 */
export async function startTestPlane({
  openshift = false,
  istio = 'current',
}: { openshift?: boolean; istio?: IstioVersion } = {}): Promise<TestPlane> {
  const clock = createManualClock();
  const node = createFakeRuntime(clock, istio);
  const kinds = createKindRegistry(istio);
  if (openshift) for (const kind of OPENSHIFT_KINDS) kinds.add(kind);
  const randomBytes = createRepeatableBytes();
  const plane = createControlPlane({ clock, randomBytes, kinds, istio, openshift, createNode: () => node });
  onTestFinished(() => plane.dispose());
  await clock.run(200);
  return {
    ...plane,
    clock,
    node,
    apply(...objects) {
      for (const object of objects) applyObject({ ...plane, clock }, kinds, object as unknown as KubernetesObject);
    },
    get(resource, name, namespace = 'default') {
      const object = plane.store.get(resource, namespace || undefined, name);
      if (!object) throw new Error(`no ${resource} ${namespace}/${name}`);
      return object as KubernetesObject;
    },
    names: (resource, namespace = 'default') => plane.store.list(resource, namespace).map((one) => one.metadata.name),
    events: (name) =>
      plane.store
        .list('events')
        .filter((event) => (event.involvedObject as { name: string }).name === name)
        .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
        .map((event) => `${String(event.reason)}: ${String(event.message)}`),
  };
}

/** Bytes that are the same in every run. */
export function createRepeatableBytes(): (length: number) => Uint8Array {
  let count = 0;
  return (length) => {
    const parts: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      count += 1;
      parts.push(createHash('sha256').update(String(count)).digest());
    }
    return new Uint8Array(Buffer.concat(parts).subarray(0, length));
  };
}

export function deployment(name: string, spec: Record<string, unknown> = {}, container: Record<string, unknown> = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'nginx:1.27', ...container }] },
      },
      ...spec,
    },
  };
}

export function pod(name: string, container: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [{ name: 'main', image: 'nginx:1.27', ...container }], ...spec },
  };
}
