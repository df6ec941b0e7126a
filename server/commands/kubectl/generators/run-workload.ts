import type { ApiObject } from '../api/object.ts';
import { guessResource, type Resource } from '../api/resource.ts';
import type { Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { hasChanged } from '../release.ts';

/** What `run` makes, and where it is kept. */
export interface RunKind {
  /** As `--generator` names it. */
  generator: string;
  resource: Resource;
}

const POD: RunKind = { generator: 'run-pod/v1', resource: guessResource('', 'v1', 'Pod') };
const DEPLOYMENT: RunKind = { generator: 'deployment/apps.v1', resource: guessResource('apps', 'v1', 'Deployment') };
const JOB: RunKind = { generator: 'job/v1', resource: guessResource('batch', 'v1', 'Job') };

/**
 * A pod; before 1.18 that only with `--restart=Never`, else a deployment or a job, and from 1.12 on not without a
 * warning. kubectl/pkg/cmd/run/run.go of 1.16, RunOptions.Run.
 */
export function chooseRunKind({ flags, io }: Invocation): RunKind {
  const old = ['generator', 'replicas', 'serviceaccount'].find((name) => flags.changed(name));
  if (hasChanged(io, 'run makes pods only')) {
    if (old !== undefined) throw new UsageError(`unknown flag: --${old}`);
    return POD;
  }
  const asked = flags.string('generator');
  const restart = flags.changed('restart') ? flags.string('restart') : flags.bool('stdin') ? 'OnFailure' : 'Always';
  const byPolicy = restart === 'Always' ? DEPLOYMENT : restart === 'OnFailure' ? JOB : POD;
  const kind = asked === '' ? byPolicy : [POD, DEPLOYMENT, JOB].find(({ generator }) => generator === asked);
  if (!kind) throw new CommandError(`generator ${JSON.stringify(asked)} not found`);
  if (kind !== POD && hasChanged(io, 'run warns of generators')) {
    io.stderr.write(
      `kubectl run --generator=${kind.generator} is DEPRECATED and will be removed in a future version. Use kubectl run --generator=${POD.generator} or kubectl create instead.\n`,
    );
  }
  return kind;
}

/** The pod as what it is the template of. kubectl/pkg/generate/versioned/run.go of 1.16. */
export function wrapPod({ flags }: Invocation, kind: RunKind, pod: ApiObject): ApiObject {
  const account = flags.string('serviceaccount');
  const { containers } = pod.spec as { containers: unknown };
  const spec = { containers, ...(account === '' ? {} : { serviceAccountName: account }) };
  if (kind === POD) return account === '' ? pod : { ...pod, spec: { ...(pod.spec as object), ...spec } };
  const labels = pod.metadata?.labels;
  const apiVersion = `${kind.resource.group}/${kind.resource.version}`;
  const whole = { kind: kind.resource.kind, apiVersion, metadata: { ...pod.metadata, labels } };
  if (kind === JOB) {
    return { ...whole, spec: { template: { metadata: { labels }, spec: { ...spec, restartPolicy: 'OnFailure' } } } };
  }
  const replicas = flags.int('replicas');
  const template = { metadata: { labels }, spec };
  return { ...whole, spec: { replicas, selector: { matchLabels: labels }, template } };
}
