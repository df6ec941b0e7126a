/**
 * Routes that another VirtualService holds (Istio 1.27, pilot/pkg/model/virtualservice.go, mergeVirtualServicesIfNeeded):
 * each route of the delegate counts where both matches do, and takes from the root what it does not say itself. A
 * delegate has no hosts, and does not delegate further.
 */
import { qualifyHost } from './host-name.ts';
import { isVisible } from './visibility.ts';
import type { StringMatch } from './string-match.ts';
import {
  namespaceOf,
  type HttpMatch,
  type HttpRoute,
  type RouteDestination,
  type VirtualService,
} from './virtual-service.ts';

/** The VirtualServices with their delegates' routes in place; one that is not there takes its route away. */
export function withDelegates(services: readonly VirtualService[]): readonly VirtualService[] {
  if (!services.some(({ spec }) => spec?.http?.some(({ delegate }) => delegate !== undefined))) return services;
  const byName = new Map(services.map((service) => [`${namespaceOf(service)}/${service.metadata.name}`, service]));
  return services.map((root) => {
    const http = root.spec?.http;
    if (http === undefined || !http.some(({ delegate }) => delegate !== undefined)) return root;
    const merged = http.flatMap((route) => {
      if (route.delegate === undefined) return [route];
      const { name = '', namespace = '' } = route.delegate;
      const target = byName.get(`${namespace === '' ? namespaceOf(root) : namespace}/${name}`);
      if (target === undefined || (target.spec?.hosts ?? []).length > 0) return [];
      if (!isVisible(target.spec?.exportTo, namespaceOf(target), namespaceOf(root))) return [];
      return (target.spec?.http ?? []).flatMap((leaf) => merge(route, qualified(leaf, namespaceOf(target))) ?? []);
    });
    return { ...root, spec: { ...root.spec, http: merged } };
  });
}

/** With destinations in full: a short name is of the namespace of the object that holds it. */
function qualified(route: HttpRoute, namespace: string): HttpRoute {
  const full = (destination: RouteDestination): RouteDestination => ({
    ...destination,
    host: qualifyHost(destination.host, namespace),
  });
  return {
    ...route,
    ...(route.route === undefined
      ? {}
      : { route: route.route.map((each) => ({ ...each, destination: full(each.destination) })) }),
    ...(route.mirror === undefined ? {} : { mirror: full(route.mirror) }),
    ...(route.mirrors === undefined
      ? {}
      : { mirrors: route.mirrors.map((each) => ({ ...each, destination: full(each.destination) })) }),
  };
}

/** Null where no request can match both. */
function merge(root: HttpRoute, leaf: HttpRoute): HttpRoute | null {
  const match = mergeMatches(root.match ?? [], leaf.match ?? []);
  if (match === null) return null;
  const { delegate: _delegate, match: _match, name: rootName, ...inherited } = root;
  const name = rootName === undefined || leaf.name === undefined ? (leaf.name ?? rootName) : `${rootName}-${leaf.name}`;
  const { match: _leafMatch, name: _leafName, ...own } = leaf;
  return { ...inherited, ...own, ...(match.length === 0 ? {} : { match }), ...(name === undefined ? {} : { name }) };
}

function mergeMatches(roots: readonly HttpMatch[], leaves: readonly HttpMatch[]): HttpMatch[] | null {
  if (roots.length === 0) return [...leaves];
  if (leaves.length === 0) return [...roots];
  const merged = roots.flatMap((root) =>
    leaves.flatMap((leaf) =>
      conflicts(root, leaf)
        ? []
        : [
            {
              ...root,
              ...leaf,
              headers: { ...root.headers, ...leaf.headers },
              withoutHeaders: { ...root.withoutHeaders, ...leaf.withoutHeaders },
              queryParams: { ...root.queryParams, ...leaf.queryParams },
              sourceLabels: { ...root.sourceLabels, ...leaf.sourceLabels },
            },
          ],
    ),
  );
  return merged.length === 0 ? null : merged;
}

function conflicts(root: HttpMatch, leaf: HttpMatch): boolean {
  const inAny = (of: (match: HttpMatch) => Record<string, StringMatch> | undefined): boolean =>
    Object.entries(of(leaf) ?? {}).some(([name, match]) => excludes(of(root)?.[name], match));
  const differ = (a: unknown, b: unknown): boolean => a !== undefined && b !== undefined && a !== b;
  return (
    (root.ignoreUriCase ?? false) !== (leaf.ignoreUriCase ?? false) ||
    excludes(root.uri, leaf.uri) ||
    excludes(root.scheme, leaf.scheme) ||
    excludes(root.method, leaf.method) ||
    excludes(root.authority, leaf.authority) ||
    inAny(({ headers }) => headers) ||
    inAny(({ withoutHeaders }) => withoutHeaders) ||
    inAny(({ queryParams }) => queryParams) ||
    differ(root.port, leaf.port) ||
    differ(root.sourceNamespace, leaf.sourceNamespace) ||
    Object.entries(leaf.sourceLabels ?? {}).some(([name, value]) => differ(root.sourceLabels?.[name], value))
  );
}

/** Whether the leaf's values are not all among the root's, as far as istiod can tell; of expressions it never can. */
function excludes(root: StringMatch | undefined, leaf: StringMatch | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  if (root.regex !== undefined || leaf.regex !== undefined) return true;
  if (root.exact !== undefined) return leaf.exact !== root.exact;
  return !(leaf.exact ?? leaf.prefix ?? '').startsWith(root.prefix ?? '');
}
