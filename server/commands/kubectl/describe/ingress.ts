import { isRecord } from '../api/object.ts';
import { isNotFound } from '../errors.ts';
import type { Describer, DescribeContext } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';
import { listSlices, renderEndpoints } from './service.ts';

interface Backend {
  service?: { name: string; port?: { number?: number; name?: string } };
  resource?: { apiGroup?: string; kind: string; name: string };
}

interface IngressSpec {
  ingressClassName?: string;
  defaultBackend?: Backend;
  tls?: { hosts?: string[]; secretName?: string }[];
  rules?: { host?: string; http?: { paths: { path?: string; backend: Backend }[] } }[];
}

/** kubectl/pkg/describe/describe.go, describeIngressV1. */
export const describeIngress: Describer = async (object, context) => {
  const { metadata = {} } = object;
  const spec = (isRecord(object.spec) ? object.spec : {}) as IngressSpec;
  const render = (backend: Backend) => renderBackend(backend, metadata.namespace ?? '', context);
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  lines.add(0, 'Namespace:', metadata.namespace ?? '').add(0, 'Address:', addresses(object.status));
  lines.add(0, 'Ingress Class:', spec.ingressClassName ?? '<none>');
  const fallback = spec.defaultBackend ? await render(spec.defaultBackend) : '<default>';
  lines.add(0, 'Default backend:', fallback);
  if (spec.tls?.length) {
    lines.raw('TLS:\n');
    for (const { hosts = [], secretName } of spec.tls) {
      lines.add(1, secretName ? `${secretName} terminates ${hosts.join(',')}` : `SNI routes ${hosts.join(',')}`);
    }
  }
  lines.raw('Rules:\n').add(1, 'Host', 'Path', 'Backends').add(1, '----', '----', '--------');
  const rules = (spec.rules ?? []).filter(({ http }) => http);
  for (const { host, http } of rules) {
    lines.add(1, host || '*', '');
    for (const { path = '', backend } of http?.paths ?? []) lines.add(2, '', `${path} `, await render(backend));
  }
  if (rules.length === 0) lines.add(1, '*', '*', fallback);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  if (context.events) addEvents(lines, await listEvents(context.client, object), context.now);
  return lines.toString();
};

function addresses(status: unknown): string {
  const balancer = isRecord(status) && isRecord(status.loadBalancer) ? status.loadBalancer : {};
  const ingress = (Array.isArray(balancer.ingress) ? balancer.ingress : []) as { ip?: string; hostname?: string }[];
  return ingress.map(({ ip, hostname }) => ip ?? hostname ?? '').join(',');
}

async function renderBackend(
  { service, resource }: Backend,
  namespace: string,
  { client }: DescribeContext,
): Promise<string> {
  if (!service) {
    const { apiGroup = '<none>', kind = '', name = '' } = resource ?? {};
    return `APIGroup: ${apiGroup}, Kind: ${kind}, Name: ${name}`;
  }
  const { name, port = {} } = service;
  const shown = `${name}:${port.name || (port.number ?? '')}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`;
  try {
    const slices = await listSlices(client, namespace, name);
    const found = await client.json<{ spec?: { ports?: { name?: string; port: number }[] } }>('GET', path, {
      subject: { resource: 'services', name },
    });
    const used = found.spec?.ports?.find((each) => each.port === port.number || (port.name && each.name === port.name));
    return `${shown} (${renderEndpoints(slices, used?.name ?? '')})`;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return `${shown} (<error: ${(error as Error).message}>)`;
  }
}
