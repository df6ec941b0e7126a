/** Who injects: the webhooks of Istio, and what their selectors say of namespaces and pods. */
import { guessResource, resourcePath, type Resource } from '../kubectl/api/resource.ts';
import type { ApiList } from '../kubectl/api/object.ts';
import type { Session } from '../kubectl/session.ts';
import type { KubernetesObject } from './resources.ts';

export const REVISION = 'istio.io/rev';

export interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: Requirement[];
}

export interface Webhook {
  name: string;
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
}

export interface WebhookConfiguration extends KubernetesObject {
  webhooks?: Webhook[];
}

const RESOURCE: Resource = {
  ...guessResource('admissionregistration.k8s.io', 'v1', 'MutatingWebhookConfiguration'),
  namespaced: false,
};

export async function listWebhooks(session: Session): Promise<WebhookConfiguration[]> {
  const client = await session.client();
  const { items = [] } = await client.json<ApiList>('GET', resourcePath(RESOURCE, undefined));
  return (items as WebhookConfiguration[]).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

export type Labels = Readonly<Record<string, string>>;

/** A selector that is left out matches everything. k8s.io/apimachinery, LabelSelectorAsSelector */
export function matches({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}
