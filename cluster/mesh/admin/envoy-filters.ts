/** Who may come in, as filters of Envoy. Istio 1.27, pilot/pkg/security/{authn,authz}. */
import { isCustom, matchedPolicyId, type AuthorizationPolicy } from '../authorization-policy.ts';
import type { AuthorizationRule } from '../authorization-rule.ts';
import type { ServedPort, Subject } from './subject.ts';

interface Filter {
  name: string;
  typed_config: Record<string, unknown>;
}

/** Of requests: tokens are read first, then DENY and ALLOW decide. @param served null for ports of no service */
export function httpFilters(subject: Subject, served: ServedPort | null): Filter[] {
  const router = {
    name: 'envoy.filters.http.router',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
  };
  const type = 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC';
  return [...tokenFilters(subject, served), ...accessFilters(subject, 'envoy.filters.http.rbac', type), router];
}

/** Of connections. */
export function bytesFilters(subject: Subject): Filter[] {
  const type = 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC';
  return accessFilters(subject, 'envoy.filters.network.rbac', type);
}

function tokenFilters({ context }: Subject, served: ServedPort | null): Filter[] {
  const { rules } = context.mesh.config.tokens(context.mesh.workload(context.pod), served?.target ?? 0);
  if (rules.length === 0) return [];
  const providers = rules.map((rule, index): [string, unknown] => [
    `origins-${index}`,
    {
      issuer: rule.issuer,
      ...(rule.audiences === undefined ? {} : { audiences: rule.audiences }),
      ...(rule.jwks === undefined ? {} : { local_jwks: { inline_string: rule.jwks } }),
      ...(rule.jwksUri === undefined ? {} : { remote_jwks: { http_uri: { uri: rule.jwksUri } } }),
      payload_in_metadata: 'payload',
    },
  ]);
  const type = 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
  return [
    {
      name: 'envoy.filters.http.jwt_authn',
      typed_config: { '@type': type, providers: Object.fromEntries(providers) },
    },
  ];
}

function accessFilters({ context }: Subject, name: string, type: string): Filter[] {
  const policies = context.mesh.config
    .authorizationPolicies(context.mesh.workload(context.pod))
    .filter((policy) => !isCustom(policy) && policy.metadata.annotations?.['istio.io/dry-run'] !== 'true');
  return (['DENY', 'ALLOW'] as const).flatMap((action) => {
    const chosen = policies.filter(({ spec }) => (spec?.action ?? 'ALLOW') === action);
    if (chosen.length === 0) return [];
    const rules = { ...(action === 'DENY' ? { action } : {}), policies: Object.fromEntries(chosen.flatMap(entries)) };
    return [{ name, typed_config: { '@type': type, rules } }];
  });
}

/** A policy without rules matches nothing, which Envoy is told as a rule. */
function entries(policy: AuthorizationPolicy): [string, unknown][] {
  const { name, namespace = 'default' } = policy.metadata;
  const id = (rule: number): string => matchedPolicyId({ policy: `${namespace}/${name}`, rule });
  const rules = policy.spec?.rules ?? [];
  if (rules.length === 0) {
    return [[id(0), { permissions: [{ not_rule: { any: true } }], principals: [{ not_id: { any: true } }] }]];
  }
  return rules.map((rule, index) => [id(index), translate(rule)]);
}

/** Conditions of `when` stand beside the sources. */
function translate({ from = [], to = [], when = [] }: AuthorizationRule): unknown {
  const conditions = when.flatMap(({ key = '', values = [], notValues = [] }) => [
    ...(values.length === 0 ? [] : [{ or_ids: { ids: values.map((value) => principal(key, value)) } }]),
    ...(notValues.length === 0
      ? []
      : [{ not_id: { or_ids: { ids: notValues.map((value) => principal(key, value)) } } }]),
  ]);
  const sources = from.length === 0 ? [{}] : from.map(({ source = {} }) => source);
  return {
    permissions:
      to.length === 0
        ? [{ any: true }]
        : to.map(({ operation = {} }) => all(operation, permission, 'rules', 'and_rules', 'or_rules', 'not_rule')),
    principals: sources.map((source) => {
      const own = all(source, principal, 'ids', 'and_ids', 'or_ids', 'not_id') as {
        and_ids?: { ids: unknown[] };
      };
      if (conditions.length === 0) return own;
      return { and_ids: { ids: [...(own.and_ids?.ids ?? []), ...conditions] } };
    }),
  };
}

/** All fields at once, any value of each; `notX` is none of them. */
function all(
  fields: Readonly<Record<string, readonly string[]>>,
  of: (field: string, value: string) => unknown,
  list: string,
  and: string,
  or: string,
  not: string,
): unknown {
  const parts = Object.entries(fields).map(([field, values]) => {
    const negated = /^not([A-Z].*)$/.exec(field)?.[1];
    const plain = negated === undefined ? field : negated[0]?.toLowerCase() + negated.slice(1);
    const any = { [or]: { [list]: values.map((value) => of(plain, value)) } };
    return negated === undefined ? any : { [not]: any };
  });
  return parts.length === 0 ? { any: true } : { [and]: { [list]: parts } };
}

function permission(field: string, value: string): unknown {
  switch (field) {
    case 'ports':
      return { destination_port: Number(value) };
    case 'methods':
      return { header: { name: ':method', string_match: pattern(value) } };
    case 'hosts':
      return { header: { name: ':authority', string_match: { ...pattern(value), ignore_case: true } } };
    default:
      return { url_path: { path: pattern(value) } };
  }
}

function principal(field: string, value: string): unknown {
  switch (field) {
    case 'principals':
    case 'source.principal':
      return { authenticated: { principal_name: pattern(value === '*' ? value : `spiffe://${value}`) } };
    case 'namespaces':
    case 'source.namespace':
      return {
        authenticated: { principal_name: { safe_regex: { regex: `.*/ns/${value.replaceAll('*', '.*')}/.*` } } },
      };
    case 'ipBlocks':
    case 'source.ip':
      return { direct_remote_ip: block(value) };
    case 'remoteIpBlocks':
    case 'remote.ip':
      return { remote_ip: block(value) };
    default: {
      const header = /^request\.headers\[(.*)\]$/.exec(field)?.[1];
      if (header !== undefined) return { header: { name: header, string_match: pattern(value) } };
      return { metadata: { filter: 'envoy.filters.http.jwt_authn', path: [{ key: field }], value: pattern(value) } };
    }
  }
}

function block(value: string): unknown {
  const [address, length = address?.includes(':') === true ? '128' : '32'] = value.split('/');
  return { address_prefix: address, prefix_len: Number(length) };
}

function pattern(value: string): Record<string, unknown> {
  if (value === '*') return { safe_regex: { regex: '.+' } };
  if (value.endsWith('*')) return { prefix: value.slice(0, -1) };
  return value.startsWith('*') ? { suffix: value.slice(1) } : { exact: value };
}
