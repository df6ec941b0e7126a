import { isRecord, type ApiObject } from '../api/object.ts';
import { createChangePrinter } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fieldManagerFlag, fileFlags, OUTPUT_FLAGS, SELECTOR_FLAG } from '../flag-sets.ts';
import { patchObject } from '../patch-object.ts';
import type { Workload } from '../rollouts.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';

const FLAGS = [
  ...OUTPUT_FLAGS,
  ...fileFlags('that names the objects'),
  SELECTOR_FLAG,
  fieldManagerFlag('kubectl-rollout'),
];

export const pause = changing('Stops the rollout of a deployment; later changes wait.', 'pause', 'paused', (object) => {
  const workload = object as Workload;
  requireKind(object, ['Deployment', 'DeploymentConfig'], 'pausing');
  if (workload.spec.paused)
    throw new CommandError(`${plural(object)} ${JSON.stringify(object.metadata?.name)} is already paused`);
  return withSpec(workload, { paused: true });
});

export const resume = changing('Goes on with a rollout that was paused.', 'resume', 'resumed', (object) => {
  const workload = object as Workload;
  requireKind(object, ['Deployment', 'DeploymentConfig'], 'resuming');
  if (!workload.spec.paused)
    throw new CommandError(`${plural(object)} ${JSON.stringify(object.metadata?.name)} is not paused`);
  return withSpec(workload, { paused: undefined });
});

export const restart = changing(
  'Replaces all pods of an object by new ones, as a rollout.',
  'restart',
  'restarted',
  (object, now) => {
    const workload = object as Workload;
    requireKind(object, ['Deployment', 'DaemonSet', 'StatefulSet'], 'restarting');
    if (workload.spec.paused) throw new CommandError("can't restart paused deployment (run rollout resume first)");
    const template = workload.spec.template ?? {};
    const annotations = { ...template.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': rfc3339(now) };
    return withSpec(workload, { template: { ...template, metadata: { ...template.metadata, annotations } } });
  },
);

function changing(
  long: string,
  verb: string,
  done: string,
  change: (object: ApiObject, now: number) => ApiObject,
): Command {
  return {
    usage: '(TYPE NAME | TYPE/NAME)',
    long,
    examples: [[`A deployment`, `rollout ${verb} deployment/web`]],
    flags: FLAGS,
    async run(invocation: Invocation) {
      if (invocation.args.length === 0 && invocation.flags.list('filename').length === 0) {
        throw new CommandError('required resource not specified');
      }
      const print = await createChangePrinter(invocation);
      const targets = await findTargets(invocation, { allWhenNoName: true });
      await forEachTarget(targets, async (target) => {
        for (const object of await listTarget(invocation, target)) {
          const named = { ...target, name: object.metadata?.name ?? '' };
          print(await patchObject(invocation, named, object, change(object, invocation.io.now())), done);
        }
      });
      return 0;
    },
  };
}

function withSpec(workload: Workload, fields: Partial<Workload['spec']>): ApiObject {
  const spec: Record<string, unknown> = { ...workload.spec, ...fields };
  for (const [key, value] of Object.entries(fields)) if (value === undefined) delete spec[key];
  return { ...workload, spec };
}

function requireKind(object: ApiObject, kinds: readonly string[], doing: string): void {
  if (kinds.includes(object.kind ?? '') && isRecord(object.spec)) return;
  throw new CommandError(`${plural(object)} ${JSON.stringify(object.metadata?.name)} ${doing} is not supported`);
}

function plural(object: ApiObject): string {
  const kind = (object.kind ?? '').toLowerCase();
  const group = object.apiVersion?.includes('/') ? `.${object.apiVersion.split('/')[0]}` : '';
  return `${kind}s${group}`;
}

function rfc3339(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
