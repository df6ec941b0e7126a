import type { ConfigDump, FilterChain } from '../envoy.ts';
import { selects, type SecurityPolicy } from '../istio-objects.ts';
import { listObjects } from '../resources.ts';
import { inboundChains } from './from-dump.ts';
import type { MeshPod, Report } from './report.ts';

/**
 * The mode that the proxy enforces, as its own filter chains tell it, and the policies that apply to the pod.
 * istioctl/pkg/describe/describe.go, describePeerAuthentication, which composes the mode from the objects instead.
 */
export async function describePeerAuthentication(report: Report, pod: MeshPod, dump: ConfigDump): Promise<void> {
  const { session, istioNamespace } = report.invocation;
  const chains = inboundChains(dump);
  const whole = modeOf(chains.filter(({ filter_chain_match: match }) => match?.destination_port === undefined));
  report.line('Effective PeerAuthentication:');
  report.line(`   Workload mTLS mode: ${whole}`);
  const ports = new Set(chains.flatMap(({ filter_chain_match: match }) => match?.destination_port ?? []));
  ports.delete(INBOUND_PORT);
  const differing = [...ports].flatMap((port) => {
    const mode = modeOf(chains.filter(({ filter_chain_match: match }) => match?.destination_port === port));
    return mode === whole ? [] : [`      ${port}: ${mode}`];
  });
  if (differing.length > 0) {
    report.line('   Port Level mTLS mode:');
    for (const line of differing) report.line(line);
  }
  const namespace = pod.metadata.namespace ?? report.namespace;
  const namespaces = namespace === istioNamespace ? [namespace] : [istioNamespace, namespace];
  const lists = await Promise.all(
    namespaces.map((each) => listObjects<SecurityPolicy>(session, 'peerAuthentications', each)),
  );
  const applied = lists.flat().filter(({ spec }) => selects(spec?.selector?.matchLabels, pod.metadata.labels));
  if (applied.length === 0) return;
  report.line('Applied PeerAuthentication:');
  report.line(`   ${applied.map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? ''}`).join(', ')}`);
}

/** The listener's own port, which has a chain against loops. */
const INBOUND_PORT = 15_006;

function modeOf(chains: readonly FilterChain[]): string {
  const takes = (transport: string): boolean =>
    chains.some(({ filter_chain_match: match }) => match?.transport_protocol === transport);
  return takes('tls') ? (takes('raw_buffer') ? 'PERMISSIVE' : 'STRICT') : 'DISABLE';
}
