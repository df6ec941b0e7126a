import type { SecurityPolicy } from '../istio-objects.ts';
import { selects } from '../istio-objects.ts';
import { listObjects } from '../resources.ts';
import type { MeshPod, Report } from './report.ts';

/** The mode that holds for a pod, and the policies that it comes from. istioctl/pkg/describe/describe.go. */
export async function describePeerAuthentication(report: Report, pod: MeshPod): Promise<void> {
  const { session, istioNamespace } = report.invocation;
  const namespace = pod.metadata.namespace ?? report.namespace;
  const namespaces = namespace === istioNamespace ? [namespace] : [istioNamespace, namespace];
  const lists = await Promise.all(
    namespaces.map((each) => listObjects<SecurityPolicy>(session, 'peerAuthentications', each)),
  );
  const applied = lists.flat().filter(({ spec }) => selects(spec?.selector?.matchLabels, pod.metadata.labels));
  const { mode, ports } = compose(applied, istioNamespace);
  report.line('Effective PeerAuthentication:');
  report.line(`   Workload mTLS mode: ${mode}`);
  if (ports.length > 0) report.line('   Port Level mTLS mode:');
  for (const [port, own] of ports) report.line(`      ${port}: ${own}`);
  if (applied.length === 0) return;
  report.line('Applied PeerAuthentication:');
  report.line(`   ${applied.map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? ''}`).join(', ')}`);
}

/** pilot/pkg/security/authn, ComposePeerAuthentication: the oldest of mesh, namespace and workload, each over the other. */
function compose(
  policies: readonly SecurityPolicy[],
  root: string,
): { mode: string; ports: (readonly [port: string, mode: string])[] } {
  const oldest = (isOurs: (policy: SecurityPolicy, hasSelector: boolean) => boolean): SecurityPolicy | undefined =>
    policies
      .filter((policy) => isOurs(policy, Object.keys(policy.spec?.selector?.matchLabels ?? {}).length > 0))
      .sort((a, b) => created(a) - created(b))[0];
  const mesh = oldest(({ metadata }, hasSelector) => !hasSelector && metadata.namespace === root);
  const namespace = oldest(({ metadata }, hasSelector) => !hasSelector && metadata.namespace !== root);
  const workload = oldest(({ metadata }, hasSelector) => hasSelector && metadata.namespace !== root);
  const mode = [mesh, namespace, workload].reduce(
    (inherited, policy) => set(policy?.spec?.mtls) ?? inherited,
    'PERMISSIVE',
  );
  const ports = Object.entries(workload?.spec?.portLevelMtls ?? {}).map(
    ([port, settings]) => [port, set(settings) ?? mode] as const,
  );
  return { mode, ports };
}

function created({ metadata }: SecurityPolicy): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}

/** Undefined for what inherits. */
function set(settings: { mode?: string } | undefined): string | undefined {
  return settings?.mode === 'UNSET' ? undefined : settings?.mode;
}
