import { expect, test } from 'vitest';
import { applyManaged, trackUpdate } from '../../../cluster/objects/managed-fields.ts';
import type { KubernetesObject } from '../../../cluster/objects/object.ts';
import { messageOf } from '../../../cluster/objects/schema/schemas.ts';

const POD = messageOf('core.Pod');
const now = Date.UTC(2026, 0, 1);
const options = { apiVersion: 'v1', now, force: false };
const pod = (containers: Record<string, unknown>[], extra: Record<string, unknown> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default', ...extra },
  spec: { containers },
});

test('a write owns what it changed, keyed lists by their keys', () => {
  const draft = pod([{ name: 'c', image: 'x', ports: [{ containerPort: 80 }] }], { labels: { app: 'a' } });

  trackUpdate(undefined, draft, POD, { ...options, manager: 'kubectl-create' });

  expect(draft.metadata.managedFields).toEqual([
    {
      manager: 'kubectl-create',
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': {
          'f:containers': {
            '.': {},
            'k:{"name":"c"}': {
              '.': {},
              'f:name': {},
              'f:image': {},
              'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            },
          },
        },
      },
    },
  ]);
});

test('a field that another changes changes its owner', () => {
  const first = pod([{ name: 'c', image: 'x', stdin: true }]);
  trackUpdate(undefined, first, POD, { ...options, manager: 'one' });
  const second = { ...pod([{ name: 'c', image: 'y', stdin: true }]), metadata: { ...first.metadata } };

  trackUpdate(first, second, POD, { ...options, manager: 'two' });

  const owned = (second.metadata.managedFields as { manager: string; fieldsV1: unknown }[]).map(
    ({ manager, fieldsV1 }) => `${manager} ${JSON.stringify(fieldsV1)}`,
  );
  expect(owned).toHaveLength(2);
  expect(owned[0]).toContain('f:stdin');
  expect(owned[0]).not.toContain('f:image');
  expect(owned[1]).toBe('two {"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{"f:image":{}}}}}');
});

test('two managers each apply a container of their own', () => {
  const first = applyManaged(undefined, pod([{ name: 'a', image: 'a:1' }]), POD, { ...options, manager: 'one' });

  const second = applyManaged(first, pod([{ name: 'b', image: 'b:1' }]), POD, { ...options, manager: 'two' });
  const third = applyManaged(second, pod([]), POD, { ...options, manager: 'one' });

  expect((second.spec as { containers: { name: string }[] }).containers.map(({ name }) => name)).toEqual(['a', 'b']);
  expect((third.spec as { containers: { name: string }[] }).containers.map(({ name }) => name)).toEqual(['b']);
});

test('a conflict names the field and who owns it', () => {
  const live = applyManaged(undefined, pod([{ name: 'a', image: 'a:1' }]), POD, { ...options, manager: 'one' });
  const apply = () => applyManaged(live, pod([{ name: 'a', image: 'a:2' }]), POD, { ...options, manager: 'two' });

  expect(apply).toThrow('Apply failed with 1 conflict: conflict with "one": .spec.containers[name="a"].image');
});

test('entries that a client made up are taken as empty', () => {
  const draft = pod([{ name: 'c', image: 'x' }], {
    managedFields: [
      { manager: 'odd', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'k:{': 7, 'f:spec': null, other: [] } },
    ],
  });

  trackUpdate(undefined, draft, POD, { ...options, manager: 'one' });
  const applied = applyManaged(draft, pod([{ name: 'c', image: 'y' }]), POD, {
    ...options,
    manager: 'odd',
    force: true,
  });

  expect((applied.spec as { containers: unknown[] }).containers).toEqual([{ name: 'c', image: 'y' }]);
});
