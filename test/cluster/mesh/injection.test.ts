import { describe, expect, test } from 'vitest';
import { eraOf } from '../../../cluster/mesh/era.ts';
import { injectSidecar } from '../../../cluster/mesh/injection.ts';
import { injectorConfigMap, injectorSettings } from '../../../cluster/mesh/injector-settings.ts';
import type { KubernetesObject } from '../../../cluster/objects/object.ts';

interface Pod extends KubernetesObject {
  spec: { containers: { name: string; image?: string }[]; initContainers?: { name: string }[]; hostNetwork?: boolean };
}

function pod(labels: Record<string, string> = {}, annotations: Record<string, string> = {}, namespace = 'shop'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-5d4f8c7b9-abcde', namespace, labels, annotations },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  };
}

function namespace(labels: Record<string, string>, name = 'shop'): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function isInjected(given: Pod, labels: Record<string, string>): boolean {
  return injectSidecar(given, namespace(labels, given.metadata.namespace)) !== given;
}

const INJECT = 'sidecar.istio.io/inject';
const ENABLED = { 'istio-injection': 'enabled' };

describe('follows the ConfigMap of the injector', () => {
  const follows = (config: string, given: Pod, era = eraOf()): boolean => {
    const stored = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio-sidecar-injector' },
      data: { config },
    };
    const settings = injectorSettings({ get: () => stored }, era);
    return injectSidecar(given, namespace(ENABLED), era, settings) !== given;
  };
  const never = 'policy: enabled\nneverInjectSelector: [{ matchLabels: { app: job } }]';
  const always =
    'policy: disabled\nalwaysInjectSelector: [{ matchExpressions: [{ key: app, operator: In, values: [web] }] }]';
  const yes = { [INJECT]: 'true' };

  test.each<[string, string, Pod, boolean]>([
    ['the policy that lets pods choose', 'policy: disabled', pod(), false],
    ['a pod that chooses it', 'policy: disabled', pod(yes), true],
    ['another policy than the two', 'policy: "off"', pod(yes), false],
    ['pods that are never injected', never, pod({ app: 'job' }), false],
    ['one of these that says otherwise', never, pod({ app: 'job', ...yes }), true],
    ['pods that are always injected', always, pod({ app: 'web' }), true],
    ['others beside these', always, pod({ app: 'api' }), false],
    ['text that is no YAML', 'policy: [', pod(), true],
  ])('%s', (_, config, given, expected) => {
    expect(follows(config, given)).toBe(expected);
  });

  test('as it is installed, in which Maistra lets pods choose', () => {
    for (const [istio, expected] of [
      ['1.1', false],
      ['1.4', true],
    ] as const) {
      const era = eraOf(istio);
      expect(follows(injectorConfigMap(era)['config'] ?? '', pod(), era)).toBe(expected);
    }
  });
});

describe('decides by namespace and pod', () => {
  test.each<[string, Pod, Record<string, string>, boolean]>([
    ['an enabled namespace', pod(), ENABLED, true],
    ['the default revision', pod(), { 'istio.io/rev': 'default' }, true],
    ['another revision', pod(), { 'istio.io/rev': 'canary' }, false],
    ['an unlabelled namespace', pod(), {}, false],
    ['a disabled namespace with a willing pod', pod({ [INJECT]: 'true' }), { 'istio-injection': 'disabled' }, false],
    ['disabled injection over a revision', pod(), { 'istio-injection': 'disabled', 'istio.io/rev': 'default' }, false],
    ['an enabled namespace with an unwilling pod', pod({ [INJECT]: 'false' }), ENABLED, false],
    ['an enabled namespace with an unwilling annotation', pod({}, { [INJECT]: 'false' }), ENABLED, false],
    ['the label over the annotation', pod({ [INJECT]: 'true' }, { [INJECT]: 'false' }), ENABLED, true],
    ['a willing label in an unlabelled namespace', pod({ [INJECT]: 'true' }), {}, true],
    ['a willing annotation in an unlabelled namespace', pod({}, { [INJECT]: 'true' }), {}, false],
    ['an invalid value, which is the default', pod({ [INJECT]: 'maybe' }), ENABLED, true],
    ['kube-system', pod({}, {}, 'kube-system'), ENABLED, false],
  ])('%s', (_title, given, labels, expected) => {
    expect(isInjected(given, labels)).toBe(expected);
  });

  test('a pod in the host network is left alone', () => {
    const given = pod();
    given.spec.hostNetwork = true;

    expect(isInjected(given, ENABLED)).toBe(false);
  });

  test('a pod that has a proxy already is left alone', () => {
    const given = pod();
    const once = injectSidecar(given, namespace(ENABLED)) as Pod;

    expect(injectSidecar(once, namespace(ENABLED))).toBe(once);
  });
});

describe('an injected pod', () => {
  const given = pod({ app: 'web', version: 'v2' });
  const injected = injectSidecar(given, namespace(ENABLED)) as Pod;

  test('has the proxy last and its init container', () => {
    expect(injected.spec.containers.map(({ name }) => name)).toEqual(['web', 'istio-proxy']);
    expect(injected.spec.containers[1]?.image).toBe('docker.io/istio/proxyv2:1.27.0');
    expect(injected.spec.initContainers?.map(({ name }) => name)).toEqual(['istio-init']);
  });

  test('says of itself that it speaks the mesh’s TLS, and its canonical name', () => {
    expect(injected.metadata.labels).toEqual({
      app: 'web',
      version: 'v2',
      'security.istio.io/tlsMode': 'istio',
      'service.istio.io/canonical-name': 'web',
      'service.istio.io/canonical-revision': 'v2',
    });
  });

  test('leads exec and logs to the application', () => {
    expect(injected.metadata.annotations).toMatchObject({
      'kubectl.kubernetes.io/default-container': 'web',
      'kubectl.kubernetes.io/default-logs-container': 'web',
    });
    expect(JSON.parse(injected.metadata.annotations?.['sidecar.istio.io/status'] ?? '')).toMatchObject({
      initContainers: ['istio-init'],
      containers: ['istio-proxy'],
    });
  });

  test('is another object: the one given is as it was', () => {
    expect(given.spec.containers).toHaveLength(1);
    expect(given.metadata.labels).toEqual({ app: 'web', version: 'v2' });
  });
});
