import { CommandError } from '../kubectl/errors.ts';
import { applyJsonPatch } from '../kubectl/patches/json-patch.ts';
import { renderYaml } from '../kubectl/output/yaml.ts';
import { resourcePath } from '../kubectl/api/resource.ts';
import { isRecord } from '../kubectl/api/object.ts';
import type { Command, Invocation } from './command.ts';
import { controlPlanePods, type ControlPlanePod } from './control-plane.ts';
import { readDocuments } from './manifest-text.ts';
import { KINDS, type KubernetesObject } from './resources.ts';

export const command: Command = {
  usage: '',
  long:
    'Puts the sidecar into the pods of manifests, for clusters or namespaces where nothing else does. What is no\n' +
    'workload passes as it is. The injector of the control plane is asked, so what comes is what it would inject.',
  examples: ['kube-inject -f deployment.yaml', 'kube-inject -f <(kubectl get deploy web -o yaml)'],
  flags: [
    { name: 'filename', short: 'f', type: 'string', usage: 'File with manifests; - is stdin' },
    { name: 'output', short: 'o', type: 'string', usage: 'File to write; stdout when left out' },
    { name: 'revision', short: 'r', type: 'string', usage: 'Accepted; there is one revision', hidden: true },
  ],
  run,
};

const INJECTION_PORT = 15_017;

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation;
  const file = flags.string('filename');
  if (file === '') throw new CommandError('filename not specified (see --filename or -f)');
  const inject = injectorOf(invocation);
  let output = '';
  for (const { object, text } of await readDocuments(file, io)) {
    const injected = object === null ? null : await injectInto(invocation, object, inject);
    output += `${injected === null ? text.replace(/\n*$/, '\n') : renderYaml(injected)}---\n`;
  }
  const target = flags.string('output');
  if (target === '') io.stdout.write(output);
  else {
    const [{ writeFileSync }, { resolve }] = await Promise.all([import('node:fs'), import('node:path')]);
    writeFileSync(resolve(io.cwd, target), output);
  }
  return 0;
}

/** A workload with the sidecar in its pods; null for what holds no pods. @throws CommandError when there is no injector */
export function injectObject(invocation: Invocation, object: KubernetesObject): Promise<KubernetesObject | null> {
  return injectInto(invocation, object, injectorOf(invocation));
}

/** Asks for the injector once, when the first pod needs it. */
function injectorOf(invocation: Invocation): Inject {
  let injector: ControlPlanePod | undefined;
  return async (pod) => {
    injector ??= (await controlPlanePods(invocation))[0];
    if (injector === undefined) throw new CommandError('could not find any injector: is Istio installed?');
    return askInjector(invocation, injector, pod);
  };
}

type Inject = (pod: KubernetesObject) => Promise<KubernetesObject>;

interface PodTemplate {
  metadata?: KubernetesObject['metadata'];
  spec?: unknown;
}

/** @returns null for what holds no pods. */
async function injectInto(
  invocation: Invocation,
  object: KubernetesObject,
  inject: Inject,
): Promise<KubernetesObject | null> {
  if (object.kind === 'List' && Array.isArray(object.items)) {
    const items: unknown[] = [];
    for (const item of object.items as KubernetesObject[])
      items.push((await injectInto(invocation, item, inject)) ?? item);
    return { ...object, items };
  }
  if (object.kind === 'Pod') return inject(object);
  if (object.kind === 'CronJob' && isRecord(object.spec) && isRecord(object.spec.jobTemplate)) {
    const job = { ...object, kind: 'Job', spec: object.spec.jobTemplate.spec } as KubernetesObject;
    const injected = await injectInto(invocation, job, inject);
    if (injected === null) return null;
    return { ...object, spec: { ...object.spec, jobTemplate: { ...object.spec.jobTemplate, spec: injected.spec } } };
  }
  const { spec } = object;
  if (!isRecord(spec) || !isRecord(spec.template)) return null;
  const template = spec.template as PodTemplate;
  const { name: own } = await invocation.session.namespace();
  const namespace = object.metadata.namespace ?? own;
  // The injector reads the workload's name from the pod's; the template has none.
  const pod = await inject({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: object.metadata.name, namespace },
    spec: template.spec,
  });
  const { name: _name, namespace: _namespace, ...metadata } = pod.metadata;
  return { ...object, spec: { ...spec, template: { ...template, metadata, spec: pod.spec } } };
}

/** The webhook's question, through the API server. istioctl/pkg/kubeinject/kubeinject.go, ExternalInjector. */
async function askInjector(
  { session, istioNamespace }: Invocation,
  injector: ControlPlanePod,
  pod: KubernetesObject,
): Promise<KubernetesObject> {
  const client = await session.client();
  const id = `https:${injector.metadata.name}:${INJECTION_PORT}`;
  const body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'istioctl',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: pod.metadata.namespace,
      object: pod,
    },
  };
  const review = await client.json<{ response?: { patch?: string; status?: { message?: string } } }>(
    'POST',
    `${resourcePath(KINDS.pods, istioNamespace, id, 'proxy')}/inject`,
    { body },
  );
  const { patch, status } = review.response ?? {};
  if (status?.message) throw new CommandError(status.message);
  if (patch === undefined) return pod;
  const operations: unknown = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
  return applyJsonPatch(pod, operations) as KubernetesObject;
}
