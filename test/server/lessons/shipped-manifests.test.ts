import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../../cluster/index.ts';
import { readManifests } from '../../../server/session/read-manifests.ts';
import { loadLessons } from '../../../server/lessons/load-lessons.ts';
import { LESSONS } from './lesson-copy.ts';

interface Selecting extends KubernetesObject {
  spec: {
    selector: Record<string, string> & { matchLabels: Record<string, string> };
    ports: { name: string; port: number; targetPort?: number }[];
    template: {
      metadata: { labels: Record<string, string> };
      spec: { serviceAccountName: string; containers: { ports?: { containerPort: number }[] }[] };
    };
  };
}

test('the shop is whole: every service selects pods that listen on its port, under an account that exists', async () => {
  const { lessons } = await loadLessons(join(LESSONS, 'mesh-wide-mtls'));
  const manifests = (await Promise.all(lessons[0]!.config.setup.map(readManifests))).flat();
  const objects = manifests.map(({ object }) => object as Selecting);
  const ofKind = (kind: string): Selecting[] => objects.filter((object) => object.kind === kind);
  const deployments = ofKind('Deployment');
  const accounts = ofKind('ServiceAccount').map((account) => account.metadata.name);

  for (const { metadata, spec } of ofKind('Service')) {
    const pods = deployments
      .map((deployment) => deployment.spec.template)
      .filter(({ metadata }) => Object.entries(spec.selector).every(([key, value]) => metadata.labels[key] === value));
    expect(pods.length, metadata.name).toBeGreaterThan(0);
    for (const pod of pods) {
      expect(pod.spec.containers[0]!.ports!.map((port) => port.containerPort)).toContain(spec.ports[0]!.targetPort);
      expect(accounts).toContain(pod.spec.serviceAccountName);
    }
  }
  expect(ofKind('Service')).toHaveLength(11);
  expect(deployments).toHaveLength(12);
  for (const { spec } of deployments) expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
});
