/**
 * The webhooks that an installation of Istio registers: through 1.4 install/kubernetes/helm/istio/charts, from 1.6 on
 * manifests/charts/istio-control/istio-discovery/templates. They are shown and no more: what they would ask istiod is
 * built into the API of this cluster, and none of them can be changed.
 */
import type { Era } from './mesh/era.ts';
import { istioKinds } from './objects/kinds/istio.ts';

type Manifest = Record<string, unknown>;

const MIXER = 'config.istio.io';
const NAMESPACE = 'istio-system';
const INJECTOR_LABELS = { app: 'sidecar-injector', 'istio.io/rev': 'default', release: 'istio' };

export function meshWebhooks(era: Era): readonly Manifest[] {
  const all = istioKinds(era.version).map(({ group }) => group);
  const groups = [...new Set(all)].filter((group) => group.endsWith('.istio.io'));
  if (era.serverPolicies === 'Policy') {
    return [
      mutating('istio-sidecar-injector', { app: 'sidecarInjectorWebhook', release: 'istio' }, [
        injector('sidecar-injector.istio.io', 'istio-sidecar-injector', {
          matchLabels: { 'istio-injection': 'enabled' },
        }),
      ]),
      validating('istio-galley', { app: 'galley', release: 'istio', istio: 'galley' }, [
        validator(
          'pilot.validation.istio.io',
          groups.filter((group) => group !== MIXER),
          'istio-galley',
          '/admitpilot',
        ),
        validator('mixer.validation.istio.io', [MIXER], 'istio-galley', '/admitmixer'),
      ]),
    ];
  }
  if (era.version === '1.6') {
    return [
      mutating('istio-sidecar-injector', INJECTOR_LABELS, [
        injector('sidecar-injector.istio.io', 'istiod', { matchLabels: { 'istio-injection': 'enabled' } }),
      ]),
      validating('istiod-istio-system', { app: 'istiod', release: 'istio', istio: 'istiod' }, [
        validator('validation.istio.io', groups, 'istiod', '/validate'),
      ]),
    ];
  }
  return [
    mutating('istio-revision-tag-default', { ...INJECTOR_LABELS, 'istio.io/tag': 'default' }, injectors()),
    mutating('istio-sidecar-injector', INJECTOR_LABELS, injectors().map(deactivated)),
    validating('istio-validator-istio-system', { app: 'istiod', istio: 'istiod', 'istio.io/rev': 'default' }, [
      {
        ...validator('rev.validation.istio.io', groups, 'istiod', '/validate'),
        objectSelector: { matchExpressions: [inList('istio.io/rev', 'default')] },
      },
    ]),
    validating('istiod-default-validator', { app: 'istiod', istio: 'istiod', 'istio.io/rev': 'default' }, [
      {
        ...validator('validation.istio.io', groups, 'istiod', '/validate'),
        objectSelector: { matchExpressions: [absent('istio.io/rev')] },
      },
    ]),
  ];
}

function mutating(name: string, labels: Record<string, string>, webhooks: Manifest[]): Manifest {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return { apiVersion, kind: 'MutatingWebhookConfiguration', metadata: { name, labels }, webhooks };
}

function validating(name: string, labels: Record<string, string>, webhooks: Manifest[]): Manifest {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return { apiVersion, kind: 'ValidatingWebhookConfiguration', metadata: { name, labels }, webhooks };
}

const inList = (key: string, ...values: string[]): Manifest => ({ key, operator: 'In', values });
const notIn = (key: string, ...values: string[]): Manifest => ({ key, operator: 'NotIn', values });
const absent = (key: string): Manifest => ({ key, operator: 'DoesNotExist' });

function injector(name: string, service: string, namespaceSelector: Manifest, objectSelector: Manifest = {}): Manifest {
  return {
    name,
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { name: service, namespace: NAMESPACE, path: '/inject', port: 443 } },
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector,
    objectSelector,
    reinvocationPolicy: 'Never',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' }],
    sideEffects: 'None',
    timeoutSeconds: 10,
  };
}

/** Today's four: by a revision or the plain label, of the namespace or of the pod alone. */
function injectors(): Manifest[] {
  const label = 'sidecar.istio.io/inject';
  const rules = (...matchExpressions: Manifest[]): Manifest => ({ matchExpressions });
  return [
    injector(
      'rev.namespace.sidecar-injector.istio.io',
      'istiod',
      rules(inList('istio.io/rev', 'default'), absent('istio-injection')),
      rules(notIn(label, 'false')),
    ),
    injector(
      'rev.object.sidecar-injector.istio.io',
      'istiod',
      rules(absent('istio.io/rev'), absent('istio-injection')),
      rules(notIn(label, 'false'), inList('istio.io/rev', 'default')),
    ),
    injector(
      'namespace.sidecar-injector.istio.io',
      'istiod',
      rules(inList('istio-injection', 'enabled')),
      rules(notIn(label, 'false')),
    ),
    injector(
      'object.sidecar-injector.istio.io',
      'istiod',
      rules(absent('istio-injection'), absent('istio.io/rev')),
      rules(inList(label, 'true'), absent('istio.io/rev')),
    ),
  ];
}

/** Since the tag `default` does their work: istioctl/pkg/tag, DeactivateIstioInjectionWebhook. */
function deactivated(webhook: Manifest): Manifest {
  const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } };
  return { ...webhook, namespaceSelector: never, objectSelector: never };
}

function validator(name: string, apiGroups: readonly string[], service: string, path: string): Manifest {
  return {
    name,
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { name: service, namespace: NAMESPACE, path, port: 443 } },
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    rules: [
      {
        apiGroups,
        apiVersions: ['*'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['*'],
        scope: '*',
      },
    ],
    sideEffects: 'None',
    timeoutSeconds: 10,
  };
}
