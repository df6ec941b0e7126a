/**
 * Routes: names under which OpenShift's router would serve services to the world.
 * openshift-apiserver/pkg/route (defaults, columns), library-go/pkg/route (validation), router/pkg/router/controller
 * (admission). Left out: the router's traffic, and certificates, which are kept as they are.
 */
import { type Controller, type ControllerDeps } from '../controllers/controller.ts';
import { createWorkQueue } from '../controllers/work-queue.ts';
import { invalid, required, type FieldError } from '../objects/api-error.ts';
import { equalJson } from '../objects/json.ts';
import { column, NAME } from '../objects/kinds/columns.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { subdomainError } from '../objects/kinds/names.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { timestamp } from '../objects/timestamp.ts';

/** Where routes without a host of their own are, as on a cluster of OpenShift Local. */
export const APPS_DOMAIN = 'apps-crc.testing';
const ROUTES = 'routes.route.openshift.io';
const HOST_GENERATED = 'openshift.io/host.generated';

interface Target {
  kind?: string;
  name?: string;
  weight?: number;
}

interface Ingress {
  conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
  host?: string;
  routerCanonicalHostname?: string;
  routerName?: string;
  wildcardPolicy?: string;
}

interface Route extends KubernetesObject {
  spec: {
    host?: string;
    path?: string;
    to: Target;
    alternateBackends?: Target[];
    port?: { targetPort?: number | string };
    tls?: { termination?: string; insecureEdgeTerminationPolicy?: string };
    wildcardPolicy?: string;
    subdomain?: string;
  };
  status?: { ingress?: Ingress[] };
}

export const ROUTE: Kind = {
  kind: 'Route',
  group: 'route.openshift.io',
  versions: ['v1'],
  plural: 'routes',
  singular: 'route',
  categories: ['all'],
  namespaced: true,
  message: 'openshift.Route',
  status: true,
  generation: false,
  // openshift-apiserver/pkg/route/printers/internalversion/printers.go.
  columns: [
    NAME,
    column('Host/Port', 'string', (object) => hostText(object as Route)),
    column('Path', 'string', (object) => (object as Route).spec.path ?? ''),
    column('Services', 'string', (object) => servicesText(object as Route)),
    column('Port', 'string', (object) => String((object as Route).spec.port?.targetPort ?? '<all>')),
    column('Termination', 'string', (object) => terminationText(object as Route)),
    column('Wildcard', 'string', (object) => (object as Route).spec.wildcardPolicy ?? ''),
  ],
  setDefaults(draft) {
    draft.spec ??= {};
    const { spec, metadata } = draft as Route;
    spec.to ??= {};
    for (const target of [spec.to, ...(spec.alternateBackends ?? [])]) {
      target.kind ??= 'Service';
      target.weight ??= 100;
    }
    spec.wildcardPolicy ??= 'None';
    if (spec.host || spec.subdomain || !metadata.name) return;
    spec.host = `${metadata.name}-${metadata.namespace ?? 'default'}.${APPS_DOMAIN}`;
    metadata.annotations = { ...metadata.annotations, [HOST_GENERATED]: 'true' };
  },
  prepareCreate(draft) {
    draft.status = {};
  },
  validate: (object) => validateRoute(object as Route),
};

/** library-go/pkg/route/validation/validation.go, validateRoute. */
function validateRoute({ spec }: Route): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.host && subdomainError(spec.host)) {
    errors.push(invalid('spec.host', spec.host, 'host must conform to DNS 952 subdomain conventions'));
  }
  if (spec.path && !spec.path.startsWith('/')) errors.push(invalid('spec.path', spec.path, 'path must begin with /'));
  if (spec.path && spec.tls?.termination === 'passthrough') {
    errors.push(invalid('spec.path', spec.path, 'passthrough termination does not support paths'));
  }
  if (!spec.to.name) errors.push(required('spec.to.name'));
  errors.push(...validateTarget(spec.to, 'spec.to'));
  for (const [index, target] of (spec.alternateBackends ?? []).entries()) {
    if (!target.name) errors.push(required(`spec.alternateBackends[${index}].name`));
    errors.push(...validateTarget(target, `spec.alternateBackends[${index}]`));
  }
  if (spec.port?.targetPort === 0 || spec.port?.targetPort === '') {
    errors.push(required('spec.port.targetPort'));
  }
  const { termination } = spec.tls ?? {};
  if (spec.tls && !['edge', 'passthrough', 'reencrypt'].includes(termination ?? '')) {
    errors.push(
      invalid(
        'spec.tls.termination',
        termination ?? '',
        'invalid value for termination, acceptable values are edge, passthrough, reencrypt, or empty (no tls specified)',
      ),
    );
  }
  return errors;
}

function validateTarget({ kind, weight = 0 }: Target, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (kind !== 'Service') errors.push(invalid(`${path}.kind`, kind, 'must reference a Service'));
  if (weight < 0 || weight > 256) {
    errors.push(invalid(`${path}.weight`, weight, 'weight must be an integer between 0 and 256'));
  }
  return errors;
}

function admission(ingress: Ingress) {
  return ingress.conditions?.find(({ type }) => type === 'Admitted');
}

function hostText({ spec, status }: Route): string {
  const ingresses = status?.ingress ?? [];
  const admitted = ingresses.filter((one) => admission(one)?.status === 'True');
  const rejected = ingresses.filter((one) => admission(one)?.status === 'False');
  const host = admitted[0]?.host ?? spec.host ?? '';
  if (status?.ingress === undefined) return host;
  const [first] = rejected;
  if (admitted.length === 0 && first) return admission(first)?.reason ?? '';
  if (rejected.length > 0) return `${host} ... ${rejected.length} rejected`;
  if (admitted.length === 0) return 'Pending';
  return admitted.length > 1 ? `${host} ... ${admitted.length - 1} more` : host;
}

function servicesText({ spec }: Route): string {
  const targets = [spec.to, ...(spec.alternateBackends ?? [])];
  const total = targets.reduce((sum, { weight = 0 }) => sum + weight, 0);
  return targets
    .map(({ name = '', weight }) => {
      if (weight === undefined || (targets.length === 1 && total !== 0)) return name;
      return `${name}(${total === 0 ? 0 : Math.floor((weight * 100) / total)}%)`;
    })
    .join(',');
}

function terminationText({ spec: { tls } }: Route): string {
  const { termination = '', insecureEdgeTerminationPolicy: insecure = '' } = tls ?? {};
  if (termination && insecure) return `${termination}/${insecure}`;
  return termination || (insecure ? `default/${insecure}` : '');
}

/** The router's part: admits each route whose host no older one has. */
export function createRouteAdmission({ store, writer, clock }: ControllerDeps): Controller {
  // All routes together: one that goes sets its host free for another.
  const queue = createWorkQueue(clock, () => {
    const routes = (store.list(ROUTES) as Route[]).toSorted(byAge);
    for (const route of routes) admit(route, findRival(route, routes));
  });

  function admit(route: Route, rival: Route | undefined): void {
    const host = route.spec.host || (route.spec.subdomain ? `${route.spec.subdomain}.${APPS_DOMAIN}` : '');
    const refusal = rival && {
      message: `${
        rival.metadata.namespace === route.metadata.namespace
          ? `route ${rival.metadata.name}`
          : 'a route in another namespace'
      } holds ${host}${rival.spec.path ?? ''} and is older than ${route.metadata.name}`,
      reason: 'HostAlreadyClaimed',
    };
    const before = admission(route.status?.ingress?.[0] ?? {});
    const state = rival ? 'False' : 'True';
    const condition = {
      lastTransitionTime:
        before?.status === state && before.lastTransitionTime ? before.lastTransitionTime : timestamp(clock.now()),
      ...refusal,
      status: state,
      type: 'Admitted',
    };
    const ingress: Ingress = {
      conditions: [condition],
      host,
      routerCanonicalHostname: `router-default.${APPS_DOMAIN}`,
      routerName: 'default',
      wildcardPolicy: route.spec.wildcardPolicy ?? 'None',
    };
    const status = { ingress: [ingress] };
    if (equalJson(status, route.status)) return;
    writer.update(ROUTE, { ...route, status }, { subresource: 'status' });
  }

  const look = () => queue.add('routes');
  const stop = store.watch(ROUTES, look);
  if (store.list(ROUTES).length > 0) look();
  return {
    dispose() {
      stop();
      queue.dispose();
    },
  };
}

/**
 * The older route that has the host: in its own namespace a route competes for host and path, with another namespace
 * for the host alone (unique_host.go).
 */
function findRival(route: Route, byAgeRoutes: readonly Route[]): Route | undefined {
  const older = byAgeRoutes.slice(0, byAgeRoutes.indexOf(route));
  return older.find(
    (one) =>
      one.spec.host !== undefined &&
      one.spec.host === route.spec.host &&
      (one.metadata.namespace !== route.metadata.namespace || (one.spec.path ?? '') === (route.spec.path ?? '')),
  );
}

function byAge(a: Route, b: Route): number {
  const [left = '', right = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}
