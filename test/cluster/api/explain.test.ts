import { expect, test } from 'vitest';
import { openApiDocument } from '../../../cluster/api/openapi.ts';
import { createKindRegistry } from '../../../cluster/objects/kinds/registry.ts';

interface Schema {
  description?: string;
  required?: string[];
  enum?: string[];
  properties?: Record<string, Schema>;
}

function schemaOf(group: string, version: string, name: string): Schema {
  const text = openApiDocument(createKindRegistry('current'), group, version) ?? '';
  const { schemas } = (JSON.parse(text) as { components: { schemas: Record<string, Schema> } }).components;
  return schemas[name] ?? {};
}

test('fields of containers, also embedded ones, say what they are, which are required, and their values', () => {
  const container = schemaOf('', 'v1', 'io.k8s.api.core.v1.Container');
  const probe = schemaOf('', 'v1', 'io.k8s.api.core.v1.Probe');

  expect(container.required).toEqual(['name']);
  expect(container.properties?.imagePullPolicy?.enum).toEqual(['Always', 'IfNotPresent', 'Never']);
  expect(Object.values(container.properties ?? {}).filter(({ description }) => !description)).toEqual([]);
  expect(probe.properties?.httpGet?.description).toBe('Sends an HTTP request.');
});

test("Istio's kinds are described without names for their parts, as definitions describe them", () => {
  const { properties } = schemaOf('security.istio.io', 'v1', 'io.istio.security.v1.PeerAuthentication');

  expect(properties?.spec).toMatchObject({
    description: 'Whether workloads demand mutual TLS of those who call them.',
    properties: {
      mtls: { type: 'object', properties: { mode: { enum: ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT'] } } },
    },
  });
});
