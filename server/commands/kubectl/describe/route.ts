import { isRecord } from '../api/object.ts';
import { isNotFound } from '../errors.ts';
import { addMetadata } from '../oc/describe-metadata.ts';
import { relativeSince } from '../oc/relative-time.ts';
import type { Describer } from './describer.ts';
import { Lines } from './lines.ts';
import { listSlices, renderEndpoints } from './service.ts';

interface RouteSpec {
  host?: string;
  path?: string;
  to?: { name: string; weight?: number };
  port?: { targetPort?: number | string };
  tls?: { termination?: string; insecureEdgeTerminationPolicy?: string };
}

interface RouteIngress {
  host?: string;
  routerName?: string;
  routerCanonicalHostname?: string;
  conditions?: { type: string; status: string; lastTransitionTime?: string }[];
}

/** openshift/oc, pkg/helpers/describe/describer.go, RouteDescriber. */
export const describeRoute: Describer = async (object, { client, now }) => {
  const { metadata = {} } = object;
  const spec = (isRecord(object.spec) ? object.spec : {}) as RouteSpec;
  const ingresses = ((isRecord(object.status) ? object.status.ingress : null) ?? []) as RouteIngress[];
  const lines = new Lines();
  addMetadata(lines, metadata, now);
  lines.add(0, 'Requested Host:', spec.host || '<auto>');
  for (const ingress of ingresses) lines.add(0, '', `  ${renderAdmission(ingress, now)}`);
  lines.add(0, 'Path:', spec.path || '<none>');
  lines.add(0, 'TLS Termination:', spec.tls?.termination || '<none>');
  lines.add(0, 'Insecure Policy:', spec.tls?.insecureEdgeTerminationPolicy || '<none>');
  lines.add(0, 'Endpoint Port:', String(spec.port?.targetPort ?? '<all endpoint ports>'));
  const { name = '', weight = 100 } = spec.to ?? {};
  lines.raw('\n').add(0, 'Service:', name).add(0, 'Weight:', `${weight} (100%)`);
  lines.add(0, 'Endpoints:', await endpointsOf(client, metadata.namespace ?? '', name));
  return lines.toString();
};

function renderAdmission({ routerName, routerCanonicalHostname, conditions = [] }: RouteIngress, now: number): string {
  const admitted = conditions.find(({ type }) => type === 'Admitted');
  const host = routerCanonicalHostname ? ` (host ${routerCanonicalHostname})` : '';
  if (admitted?.status !== 'True') return `not yet exposed on router ${routerName ?? ''}${host}`;
  return `exposed on router ${routerName ?? ''}${host} ${relativeSince(admitted.lastTransitionTime, now)} ago`;
}

async function endpointsOf(
  client: Parameters<Describer>[1]['client'],
  namespace: string,
  name: string,
): Promise<string> {
  try {
    const service = await client.json<{ spec?: { ports?: { name?: string }[] } }>(
      'GET',
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`,
    );
    const slices = await listSlices(client, namespace, name);
    const all = (service.spec?.ports ?? []).map((port) => renderEndpoints(slices, port.name ?? '')).filter(Boolean);
    return all.join(', ') || '<none>';
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return `<error: ${(error as Error).message}>`;
  }
}
