import type { KubernetesObject } from '../objects/object.ts';
import { eraOf, type Era } from './era.ts';
import { chosenBySelectors, installedInjectorSettings, type InjectorSettings } from './injector-settings.ts';
import { injectedByHelm } from './injected-by-helm.ts';
import { injectedByIstiod, type InjectablePod } from './injected-by-istiod.ts';

/** pkg/kube/inject/webhook.go and the chart's webhook: these are never injected. */
const EXCLUDED_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

const INJECT = 'sidecar.istio.io/inject';

/**
 * The pod with its sidecar, as the injector answers at creation; the same object when it is not to be injected.
 * @param era default today's
 * @param settings default those of the installation
 */
export function injectSidecar(
  pod: KubernetesObject,
  namespace: KubernetesObject | undefined,
  era: Era = eraOf(),
  settings: InjectorSettings = installedInjectorSettings(era),
): KubernetesObject {
  const input = pod as InjectablePod;
  if (!isInjected(input, namespace, era, settings)) return pod;
  return era.injection.template === 'helm' ? injectedByHelm(input, era) : injectedByIstiod(input, era);
}

/**
 * pkg/kube/inject/inject.go, injectRequired, and the selectors of the webhook: namespace label `istio-injection` over
 * `istio.io/rev`; pod label `sidecar.istio.io/inject` over the annotation of the same name; a label `true` is enough
 * where the namespace says nothing. Older releases know less of these; Maistra asks for the annotation alone.
 */
function isInjected(
  pod: InjectablePod,
  namespace: KubernetesObject | undefined,
  { injection }: Era,
  settings: InjectorSettings,
): boolean {
  const name = pod.metadata.namespace ?? namespace?.metadata.name ?? 'default';
  if (EXCLUDED_NAMESPACES.includes(name) || pod.spec.hostNetwork === true) return false;
  // A pod that has its proxy already: istioctl kube-inject.
  if (pod.spec.containers.some((container) => container.name === 'istio-proxy')) return false;

  const annotation = pod.metadata.annotations?.[INJECT];
  const label = injection.podLabel ? pod.metadata.labels?.[INJECT] : undefined;
  if (injection.by === 'namespace-label' && !isCandidate(namespace, label, injection)) return false;
  const { policy } = settings;
  if (policy !== 'enabled' && policy !== 'disabled') return false;
  const wish = label ?? annotation;
  if (isYes(wish)) return true;
  if (isNo(wish)) return false;
  return chosenBySelectors(settings, pod.metadata.labels ?? {}) ?? policy === 'enabled';
}

/** Whether the webhook hears of the pod at all. */
function isCandidate(
  namespace: KubernetesObject | undefined,
  podLabel: string | undefined,
  { revisions }: Era['injection'],
): boolean {
  const labelled = namespace?.metadata.labels?.['istio-injection'];
  const revision = revisions ? namespace?.metadata.labels?.['istio.io/rev'] : undefined;
  if (labelled === 'disabled') return false;
  if (labelled === 'enabled' || (labelled === undefined && revision === 'default')) return true;
  // Without a label of the namespace it hears only of pods with the label; annotations are not enough.
  return labelled === undefined && revision === undefined && podLabel === 'true';
}

/** YAML's words for it, which the injector takes as well. */
function isYes(text: string | undefined): boolean {
  return ['y', 'yes', 'true', 'on'].includes(text?.toLowerCase() ?? '');
}

/** An invalid value is the default, which is yes. */
function isNo(text: string | undefined): boolean {
  return ['n', 'no', 'false', 'off'].includes(text?.toLowerCase() ?? '');
}
