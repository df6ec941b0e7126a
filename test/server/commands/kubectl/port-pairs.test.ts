import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../../server/commands/kubectl/pods.ts';
import { readPortPairs } from '../../../../server/commands/kubectl/port-pairs.ts';

const POD: Pod = {
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'nginx', ports: [{ name: 'http', containerPort: 8080 }] }] },
};
const SERVICE = {
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { ports: [{ name: 'front', port: 80, targetPort: 'http' }] },
};

describe('ports to forward', () => {
  it.each([
    ['80', { local: 80, remote: 80 }],
    ['8000:80', { local: 8000, remote: 80 }],
    [':80', { local: 0, remote: 80 }],
    ['8000:http', { local: 8000, remote: 8080 }],
  ])('%s of a pod', (word, pair) => {
    expect(readPortPairs([word], POD, POD)).toEqual([pair]);
  });

  it.each([
    ['80', { local: 80, remote: 8080 }],
    ['8000:front', { local: 8000, remote: 8080 }],
  ])('%s of a service leads to the port of its pod', (word, pair) => {
    expect(readPortPairs([word], SERVICE, POD)).toEqual([pair]);
  });

  it.each([
    [':grpc', "Pod 'web' does not have a named port 'grpc'"],
    ['0', 'remote port must be > 0'],
  ])('%s is refused', (word, message) => {
    expect(() => readPortPairs([word], POD, POD)).toThrow(message);
  });
});
