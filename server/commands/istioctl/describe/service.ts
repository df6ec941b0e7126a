import { CommandError } from '../../kubectl/errors.ts';
import type { Invocation } from '../command.ts';
import { printUsage } from '../help.ts';
import type { Service } from '../istio-objects.ts';
import { getObject, listObjects } from '../resources.ts';
import { describeIngress } from './ingress.ts';
import { shortName, splitName, type MeshPod, type Report } from './report.ts';
import { describeServices } from './services.ts';

/** istioctl/pkg/describe/describe.go, svcDescribeCmd. */
export async function describeService(invocation: Invocation): Promise<number> {
  const { args, session, io, release } = invocation;
  const [word] = args;
  if (word === undefined || args.length > 1) {
    printUsage(invocation);
    throw new CommandError('expecting service name');
  }
  const { name: namespace } = await session.namespace();
  const report: Report = { invocation, namespace, line: (text) => void io.stdout.write(`${text}\n`) };
  const where = splitName(word, namespace);
  const service = await getObject<Service>(session, 'services', where.namespace, where.name);
  const selector = Object.entries(service.spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  const pods =
    selector.length === 0 ? [] : await listObjects<MeshPod>(session, 'pods', where.namespace, selector.join(','));
  const matching = pods.filter((pod) => isUsable(report, pod));
  const [first] = matching;
  if (first === undefined) {
    const name = JSON.stringify(shortName(report, service));
    if (pods.length === 0) report.line(`Service ${name} has no pods.`);
    else {
      report.line(`Service ${name} has no Istio pods.  (${pods.length} pods in service).`);
      const ways =
        release.minor < 16
          ? '`istioctl experimental add-to-mesh`, `istioctl kube-inject`, or'
          : '`istioctl kube-inject` or';
      report.line(`Use ${ways} redeploy with Istio automatic sidecar injection.`);
    }
    return 0;
  }
  const labels = matching.map((pod) => pod.metadata.labels ?? {});
  // The first pod stands for all.
  await describeServices(report, first, [service], labels);
  await describeIngress(report, [service], labels);
  return 0;
}

function isUsable(report: Report, pod: MeshPod): boolean {
  const { phase = '', containerStatuses = [] } = pod.status ?? {};
  if (phase !== 'Running') {
    report.line(`   Pod is not Running (${phase})`);
    return false;
  }
  const proxy = containerStatuses.find(({ name }) => name === 'istio-proxy');
  if (proxy === undefined) report.line(`Pod ${shortName(report, pod)}: no container "istio-proxy" in pod`);
  else if (proxy.ready !== true) {
    report.line(`WARNING: Pod ${shortName(report, pod)} Container istio-proxy NOT READY`);
  }
  return proxy?.ready === true;
}
