import { CommandError } from '../../kubectl/errors.ts';
import type { Invocation } from '../command.ts';
import type { MeshContainer, Service } from '../istio-objects.ts';
import { selects } from '../istio-objects.ts';
import { getPod } from '../pods.ts';
import { listObjects } from '../resources.ts';
import { describeIngress } from './ingress.ts';
import { describePeerAuthentication } from './peer-authentication.ts';
import { DASHES, shortName, splitName, type MeshPod, type Report } from './report.ts';
import { describeServices } from './services.ts';

const PROXY_USER = 1337;
const REQUIREMENTS = 'https://istio.io/v1.27/docs/ops/deployment/application-requirements/';

/** istioctl/pkg/describe/describe.go, podDescribeCmd. */
export async function describePod(invocation: Invocation): Promise<number> {
  const { args, session, io, flags, release } = invocation;
  const [word] = args;
  if (word === undefined || args.length > 1) throw new CommandError('expecting pod name');
  const { name: namespace } = await session.namespace();
  const report: Report = { invocation, namespace, line: (text) => void io.stdout.write(`${text}\n`) };
  const pod = await getPod(session, splitName(word, namespace));
  printPod(report, pod);

  const own = pod.metadata.namespace ?? namespace;
  const services = (await listObjects<Service>(session, 'services', own)).filter(
    ({ spec }) => Object.keys(spec?.selector ?? {}).length > 0 && selects(spec?.selector, pod.metadata.labels),
  );
  if (services.length === 0 && !flags.bool('ignoreUnmeshed')) {
    report.line(
      `Warning: No Kubernetes Services select pod ${shortName(report, pod)} (see https://istio.io/docs/setup/kubernetes/additional-setup/requirements/ )`,
    );
  }
  report.line(DASHES);
  const labels = [pod.metadata.labels ?? {}];
  const dump = await describeServices(report, pod, services, labels);
  if (release.minor >= 14 && dump !== null) {
    report.line(DASHES);
    await describePeerAuthentication(report, pod);
  }
  await describeIngress(report, services, labels);
  return 0;
}

function printPod(report: Report, pod: MeshPod): void {
  const { line, invocation } = report;
  const { release, flags } = invocation;
  const containers = pod.spec.containers as MeshContainer[];
  const name = shortName(report, pod);
  const applications = containers.filter((container) => container.name !== 'istio-proxy');
  if (applications.some(({ securityContext }) => securityContext?.runAsUser === PROXY_USER)) {
    line(`WARNING: User ID (UID) ${PROXY_USER} is reserved for the sidecar proxy.`);
  }
  line(`Pod: ${name}`);
  if (release.minor >= 14) line(`   Pod Revision: ${revisionOf(pod)}`);
  const ports = containers.flatMap((container) =>
    (container.ports ?? []).map(({ containerPort, protocol = 'TCP' }) => {
      return `${containerPort}${protocol === 'TCP' ? '' : `/${protocol}`} (${container.name})`;
    }),
  );
  line(ports.length > 0 ? `   Pod Ports: ${ports.join(', ')}` : '   Pod does not expose ports');
  const phase = pod.status?.phase ?? '';
  if (phase !== 'Running') return line(`   Pod is not Running (${phase})`);
  for (const { name: container, ready } of pod.status?.containerStatuses ?? []) {
    if (ready !== true) line(`WARNING: Pod ${name} Container ${container} NOT READY`);
  }
  if (flags.bool('ignoreUnmeshed')) return;
  if (!isMeshed(pod)) return line(`WARNING: ${name} is not part of mesh; no Istio sidecar`);
  const labels = pod.metadata.labels ?? {};
  const has = (...keys: string[]): boolean => keys.some((key) => labels[key] !== undefined);
  if (release.minor < 14) {
    if (!has('app')) line("Suggestion: add 'app' label to pod for Istio telemetry.");
    if (!has('version')) line("Suggestion: add 'version' label to pod for Istio telemetry.");
    return;
  }
  if (!has('service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app')) {
    line(`Suggestion: add required service name label for Istio telemetry. See ${REQUIREMENTS}.`);
  }
  if (!has('service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version')) {
    line(`Suggestion: add required service revision label for Istio telemetry. See ${REQUIREMENTS}.`);
  }
}

function isMeshed({ spec }: MeshPod): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === 'istio-proxy');
}

function revisionOf({ metadata }: MeshPod): string {
  const { annotations = {} } = metadata;
  const told = annotations['istio.io/rev'];
  if (told !== undefined) return told;
  try {
    const { revision = '' } = JSON.parse(annotations['sidecar.istio.io/status'] ?? '{}') as { revision?: string };
    return revision;
  } catch {
    return '';
  }
}
