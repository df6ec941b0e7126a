import type { ApiObject } from '../api/object.ts';
import type { Resource } from '../api/resource.ts';
import { DC_RESOURCE } from './deployment-configs.ts';

/** An image as its registry tells of it. */
export interface FoundImage {
  reference: string;
  /** Hexadecimal; '' when no registry has it. */
  id: string;
  ports: number[];
  isRoot: boolean;
}

/** An application: its objects in the order in which they are made. */
export interface App {
  name: string;
  image: FoundImage;
  /** Whether it is a DeploymentConfig. */
  config: boolean;
  objects: { resource: Resource; object: ApiObject }[];
}

export interface AppOptions {
  name: string;
  image: FoundImage;
  env: Record<string, string>;
  config: boolean;
  /** As oc 3.11 did. */
  classic: boolean;
  labels: Record<string, string>;
}

const GENERATED_BY = { 'openshift.io/generated-by': 'OpenShiftNewApp' };
const DEPLOYMENTS: Resource = { ...DC_RESOURCE, group: 'apps', name: 'deployments', kind: 'Deployment' };
const SERVICES: Resource = { ...DC_RESOURCE, group: '', name: 'services', kind: 'Service' };

/** `quay.io/shop/cart:v1` makes `cart`. */
export function nameOf(reference: string): string {
  return (reference.split('/').at(-1) ?? '').replace(/[:@].*$/, '');
}

export function buildApp({ name, image, env, config, classic, labels }: AppOptions): App {
  const generated = classic
    ? { app: name }
    : { app: name, 'app.kubernetes.io/component': name, 'app.kubernetes.io/instance': name };
  const all = Object.keys(labels).length > 0 ? labels : generated;
  const metadata = { name, labels: all, annotations: GENERATED_BY };
  const own = config ? { deploymentconfig: name } : { deployment: name };
  const selector = classic ? { app: name, ...labels, ...own } : own;
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const ports = image.ports.map((containerPort) => ({ containerPort, protocol: 'TCP' }));
  const container = {
    name,
    image: image.reference,
    ...(ports.length > 0 ? { ports } : {}),
    ...(variables.length > 0 ? { env: variables } : {}),
    resources: {},
  };
  const template = {
    metadata: { annotations: GENERATED_BY, labels: classic ? { ...all, ...selector } : selector },
    spec: { containers: [container] },
  };
  const workload = config
    ? {
        kind: 'DeploymentConfig',
        apiVersion: 'apps.openshift.io/v1',
        metadata,
        spec: {
          replicas: 1,
          selector,
          strategy: { resources: {} },
          template,
          test: false,
          triggers: [{ type: 'ConfigChange' }],
        },
      }
    : {
        kind: 'Deployment',
        apiVersion: 'apps/v1',
        metadata,
        spec: { replicas: 1, selector: { matchLabels: selector }, strategy: {}, template },
      };
  const service = {
    kind: 'Service',
    apiVersion: 'v1',
    metadata,
    spec: {
      ports: image.ports.map((port) => ({ name: `${port}-tcp`, port, protocol: 'TCP', targetPort: port })),
      selector,
    },
  };
  const objects = [{ resource: config ? DC_RESOURCE : DEPLOYMENTS, object: workload as ApiObject }];
  if (image.ports.length > 0) objects.push({ resource: SERVICES, object: service as ApiObject });
  return { name, image, config, objects };
}
