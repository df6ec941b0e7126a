/**
 * What the injector reads of its settings: entry `config` of the ConfigMap `istio-sidecar-injector` (pkg/kube/inject). Left
 * out are templates, which are built in, and `values`.
 */
import { parse, YAMLParseError } from 'yaml';
import type { ObjectReader } from '../objects/object.ts';
import type { Era } from './era.ts';

interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface InjectorSettings {
  /** What happens to candidates that say nothing: they are injected, or not. Others are no policy: nobody is injected. */
  policy?: string;
  /** Pods that say nothing and are injected whatever the policy. */
  alwaysInjectSelector?: LabelSelector[];
  /** Pods that say nothing and are not; they count before the others. */
  neverInjectSelector?: LabelSelector[];
}

/** As an installation writes it. */
export function injectorConfigMap({ version, injection, release, hub }: Era): Record<string, string> {
  const policy = injection.by === 'pod-annotation' ? 'disabled' : 'enabled';
  const isToday = version === 'current';
  return {
    config: `${isToday ? 'defaultTemplates: [sidecar]\n' : ''}policy: ${policy}
alwaysInjectSelector:
  []
neverInjectSelector:
  []
# The templates of this cluster's injector are built into it.
${isToday ? 'templates: {}' : 'template: ""'}`,
    values: JSON.stringify(
      {
        global: {
          hub,
          istioNamespace: 'istio-system',
          proxy: { autoInject: policy, clusterDomain: 'cluster.local', image: 'proxyv2', logLevel: 'warning' },
          tag: release,
        },
        revision: '',
        sidecarInjectorWebhook: {
          alwaysInjectSelector: [],
          neverInjectSelector: [],
          rewriteAppHTTPProbe: injection.rewritesProbes,
        },
      },
      null,
      2,
    ),
  };
}

/** The settings now; those of the installation where they are gone or cannot be read. */
export function injectorSettings(objects: Pick<ObjectReader, 'get'>, era: Era): InjectorSettings {
  const stored = objects.get('configmaps', 'istio-system', 'istio-sidecar-injector')?.['data'];
  const text = (stored as Record<string, string> | undefined)?.['config'];
  return (text === undefined ? null : read(text)) ?? installedInjectorSettings(era);
}

export function installedInjectorSettings({ injection }: Era): InjectorSettings {
  return { policy: injection.by === 'pod-annotation' ? 'disabled' : 'enabled' };
}

function read(text: string): InjectorSettings | null {
  try {
    const written: unknown = parse(text);
    return typeof written === 'object' && written !== null ? written : null;
  } catch (error) {
    if (error instanceof YAMLParseError) return null;
    throw error;
  }
}

/** What the selectors say of a pod that says nothing itself; null: nothing. An empty selector selects nobody. */
export function chosenBySelectors(
  { neverInjectSelector, alwaysInjectSelector }: InjectorSettings,
  labels: Readonly<Record<string, string>>,
): boolean | null {
  if ((neverInjectSelector ?? []).some((selector) => selectsLabels(selector, labels))) return false;
  return (alwaysInjectSelector ?? []).some((selector) => selectsLabels(selector, labels)) ? true : null;
}

function selectsLabels(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const pairs = Object.entries(matchLabels);
  if (pairs.length + matchExpressions.length === 0) return false;
  return (
    pairs.every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
