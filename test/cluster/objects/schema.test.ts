import { expect, test } from 'vitest';
import { ISTIO_VERSIONS } from '../../../cluster/index.ts';
import { decodeObject } from '../../../cluster/objects/schema/decode.ts';
import { decodeProtobuf, ProtobufError, readEnvelope } from '../../../cluster/objects/schema/protobuf.ts';
import { messageNames, messageOf, type Message } from '../../../cluster/objects/schema/schemas.ts';
import { createKindRegistry } from '../../../cluster/objects/kinds/registry.ts';
import { humanDuration } from '../../../cluster/objects/human-duration.ts';
import { parseQuantity } from '../../../cluster/objects/quantity.ts';

test('every type that a table names exists', () => {
  const visited = new Set<string>();
  const visit = (message: Message): void => {
    if (visited.has(message.id)) return;
    visited.add(message.id);
    for (const { type } of message.fields) {
      let inner = type;
      while (inner.kind === 'list' || inner.kind === 'map') inner = inner.of;
      if (inner.kind === 'message') visit(messageOf(`${inner.package}.${inner.name}`));
    }
  };

  for (const istio of ISTIO_VERSIONS) {
    for (const kind of createKindRegistry(istio).kinds) visit(messageOf(kind.message));
  }
  for (const name of messageNames('meta')) visit(messageOf(`meta.${name}`));

  expect(visited.size).toBeGreaterThan(300);
});

test('unknown fields are reported with their path and dropped, and nulls are absent', () => {
  const { value, strict } = decodeObject(
    {
      kind: 'Pod',
      metadata: { name: 'a', creationTimestamp: null },
      spec: { containers: [{ name: 'c', img: 'x' }], nodeSelektor: {} },
    },
    messageOf('core.Pod'),
  );

  expect(strict).toEqual(['unknown field "spec.containers[0].img"', 'unknown field "spec.nodeSelektor"']);
  expect(value).toEqual({ kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c' }] } });
});

test.each([
  [
    { spec: { containers: 'x' } },
    'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    { spec: { containers: [{ env: [{ value: 7 }] }] } },
    'json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
  ],
  [
    { metadata: { labels: { a: true } } },
    'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
  ],
  [
    { spec: { containers: [{ resources: { limits: { cpu: 'lots' } } }] } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
])('%j is refused in the words of Go', (value, message) => {
  expect(() => decodeObject(value, messageOf('core.Pod'))).toThrow(message);
});

test('broken protobuf is refused, whatever its bytes', () => {
  const body = Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])]);

  expect(() => readEnvelope(body)).toThrow(ProtobufError);
  expect(() => readEnvelope(Buffer.from('{}'))).toThrow(ProtobufError);
  for (let seed = 0; seed < 2_000; seed += 1) {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => (seed * 31 + i * seed * 17 + i * 7) % 256);
    try {
      decodeProtobuf(bytes, messageOf('core.Pod'));
    } catch (error) {
      expect(error).toBeInstanceOf(ProtobufError);
    }
  }
});

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [150_000, '2m30s'],
  [600_000, '10m'],
  [10_800_000, '3h'],
  [11_160_000, '3h6m'],
  [172_800_000, '2d'],
  [180_000_000, '2d2h'],
  [864_000_000, '10d'],
  [63_072_000_000, '2y'],
])('%d ms are printed as %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

test.each([
  ['500m', 0.5],
  ['1.5', 1.5],
  ['64Mi', 67_108_864],
  ['1e3', 1_000],
  ['1k', 1_000],
])('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value);
});
