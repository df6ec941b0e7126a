/** Deployment, ReplicaSet, StatefulSet, DaemonSet, Job and CronJob: pods from templates. */
import { invalid, notSupported, required, type FieldError } from '../api-error.ts';
import { CronError, parseCronSchedule } from '../cron-schedule.ts';
import { humanDuration } from '../human-duration.ts';
import { equalJson } from '../json.ts';
import { type KubernetesObject } from '../object.ts';
import { matchesLabelSelectorObject } from '../selector.ts';
import { AGE, column, NAME, selectorText, sinceText, wide } from './columns.ts';
import { type Column, type Kind } from './kind.ts';
import { validateLabels } from './names.ts';
import { setPodSpecDefaults } from './pod-defaults.ts';
import { validatePodSpec } from './pod-validation.ts';
import {
  type CronJob,
  type DaemonSet,
  type Deployment,
  type Job,
  type PodTemplate,
  type ReplicaSet,
  type Selector,
  type StatefulSet,
} from './workload-types.ts';

interface Templated extends KubernetesObject {
  spec: { selector?: Selector; template?: PodTemplate; replicas?: number };
}

const CONTAINERS: Column = wide('Containers', 'string', (object) => names(object, 'name'));
const IMAGES: Column = wide('Images', 'string', (object) => names(object, 'image'));
const SELECTOR: Column = wide('Selector', 'string', (object) => selectorText((object as Templated).spec.selector));

function names(object: KubernetesObject, field: 'name' | 'image'): string {
  return ((object as Templated).spec.template?.spec.containers ?? []).map((one) => one[field] ?? '').join(',');
}

function setTemplateDefaults(draft: KubernetesObject): void {
  const spec = ((draft as { spec?: Templated['spec'] }).spec ??= {});
  spec.template ??= { spec: { containers: [] } };
  spec.template.metadata ??= {};
  spec.template.spec ??= { containers: [] };
  setPodSpecDefaults(spec.template.spec);
}

/** Kubernetes 1.32, pkg/apis/apps/validation/validation.go, ValidateDeploymentSpec and its like. */
function validateTemplated(object: KubernetesObject): FieldError[] {
  const { spec } = object as Templated;
  const errors: FieldError[] = [];
  if (spec.replicas !== undefined && spec.replicas < 0) {
    errors.push(invalid('spec.replicas', spec.replicas, 'must be greater than or equal to 0'));
  }
  const selector = spec.selector;
  if (!selector) {
    errors.push(required('spec.selector'));
  } else if (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0) {
    errors.push(invalid('spec.selector', selector, 'empty selector is invalid for deployment'));
  }
  const labels = spec.template?.metadata?.labels;
  if (!matchesLabelSelectorObject(selector, labels)) {
    errors.push(
      invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'),
    );
  }
  errors.push(...validateLabels(labels, 'spec.template.labels'));
  if (spec.template) {
    // The volumes of a StatefulSet's claims are put into its pods only: upstream looks at its template without them.
    const claims = (object as StatefulSet).spec.volumeClaimTemplates ?? [];
    const volumes = claims.flatMap(({ metadata }) => (metadata?.name ? [metadata.name] : []));
    errors.push(...validatePodSpec(spec.template.spec, 'spec.template.spec', volumes));
    if (spec.template.spec.restartPolicy !== 'Always' && errors.length === 0) {
      errors.push(notSupported('spec.template.spec.restartPolicy', spec.template.spec.restartPolicy, ['Always']));
    }
  }
  return errors;
}

function validateSelectorKept(object: KubernetesObject, old: KubernetesObject): FieldError[] {
  const before = (old as Templated).spec.selector;
  const after = (object as Templated).spec.selector;
  return equalJson(before, after) ? [] : [invalid('spec.selector', after, 'field is immutable')];
}

const deploymentOf = (object: KubernetesObject) => object as Deployment;

export const DEPLOYMENT: Kind = {
  kind: 'Deployment',
  group: 'apps',
  versions: ['v1'],
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  message: 'apps.Deployment',
  status: true,
  scale: true,
  columns: [
    NAME,
    column('Ready', 'string', (object) => {
      const { spec, status } = deploymentOf(object);
      return `${status?.readyReplicas ?? 0}/${spec.replicas}`;
    }),
    column('Up-to-date', 'string', (object) => String(deploymentOf(object).status?.updatedReplicas ?? 0)),
    column('Available', 'string', (object) => String(deploymentOf(object).status?.availableReplicas ?? 0)),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  setDefaults(draft) {
    setTemplateDefaults(draft);
    const { spec } = deploymentOf(draft);
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.strategy ??= { type: 'RollingUpdate' };
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
  },
  prepareCreate(draft) {
    draft.status = {};
  },
  validate(object) {
    const errors = validateTemplated(object);
    const { type } = deploymentOf(object).spec.strategy;
    if (type !== 'RollingUpdate' && type !== 'Recreate') {
      errors.push(notSupported('spec.strategy', type, ['Recreate', 'RollingUpdate']));
    }
    return errors;
  },
  validateUpdate: validateSelectorKept,
};

export const REPLICA_SET: Kind = {
  kind: 'ReplicaSet',
  group: 'apps',
  versions: ['v1'],
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  message: 'apps.ReplicaSet',
  status: true,
  scale: true,
  columns: [
    NAME,
    column('Desired', 'integer', (object) => (object as ReplicaSet).spec.replicas),
    column('Current', 'integer', (object) => (object as ReplicaSet).status?.replicas ?? 0),
    column('Ready', 'integer', (object) => (object as ReplicaSet).status?.readyReplicas ?? 0),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  setDefaults(draft) {
    setTemplateDefaults(draft);
    (draft as ReplicaSet).spec.replicas ??= 1;
  },
  prepareCreate(draft) {
    draft.status = { replicas: 0 };
  },
  selectableFields: { 'status.replicas': (object) => String((object as ReplicaSet).status?.replicas ?? 0) },
  validate: validateTemplated,
  validateUpdate: validateSelectorKept,
};

export const STATEFUL_SET: Kind = {
  kind: 'StatefulSet',
  group: 'apps',
  versions: ['v1'],
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  message: 'apps.StatefulSet',
  status: true,
  scale: true,
  columns: [
    NAME,
    column('Ready', 'string', (object) => {
      const { spec, status } = object as StatefulSet;
      return `${status?.readyReplicas ?? 0}/${spec.replicas}`;
    }),
    AGE,
    CONTAINERS,
    IMAGES,
  ],
  setDefaults(draft) {
    setTemplateDefaults(draft);
    const { spec } = draft as StatefulSet;
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy ??= { type: 'RollingUpdate' };
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
  },
  prepareCreate(draft) {
    draft.status = { replicas: 0, availableReplicas: 0 };
  },
  validate: validateTemplated,
  validateUpdate: validateSelectorKept,
};

/** How often a DaemonSet's template has changed. Kubernetes 1.32, pkg/registry/apps/daemonset/strategy.go. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function setTemplateGeneration({ metadata }: KubernetesObject, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

const daemonSetCount = (name: string, field: string): Column =>
  column(name, 'integer', (object) => Number((object as DaemonSet).status?.[field] ?? 0));

export const DAEMON_SET: Kind = {
  kind: 'DaemonSet',
  group: 'apps',
  versions: ['v1'],
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  message: 'apps.DaemonSet',
  status: true,
  columns: [
    NAME,
    daemonSetCount('Desired', 'desiredNumberScheduled'),
    daemonSetCount('Current', 'currentNumberScheduled'),
    daemonSetCount('Ready', 'numberReady'),
    daemonSetCount('Up-to-date', 'updatedNumberScheduled'),
    daemonSetCount('Available', 'numberAvailable'),
    column(
      'Node Selector',
      'string',
      (object) =>
        Object.entries((object as DaemonSet).spec.template.spec.nodeSelector ?? {})
          .map(([key, value]) => `${key}=${value}`)
          .join(',') || '<none>',
    ),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  setDefaults(draft) {
    setTemplateDefaults(draft);
    const { spec } = draft as DaemonSet;
    spec.revisionHistoryLimit ??= 10;
    spec.updateStrategy ??= { type: 'RollingUpdate' };
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
  },
  prepareCreate(draft) {
    draft.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
    setTemplateGeneration(draft, 1);
  },
  prepareUpdate(draft, old) {
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
    const isChanged = !equalJson((draft as DaemonSet).spec.template, (old as DaemonSet).spec.template);
    setTemplateGeneration(draft, isChanged ? before + 1 : before);
  },
  validate: validateTemplated,
  validateUpdate: validateSelectorKept,
};

const jobOf = (object: KubernetesObject) => object as Job;

function jobStatusText(job: Job): string {
  const has = (type: string) => job.status?.conditions?.some((one) => one.type === type && one.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  if (has('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

function jobCompletions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobDuration({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration(end - Date.parse(status.startTime));
}

export const JOB: Kind = {
  kind: 'Job',
  group: 'batch',
  versions: ['v1'],
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  message: 'batch.Job',
  status: true,
  columns: [
    NAME,
    column('Status', 'string', (object) => jobStatusText(jobOf(object))),
    column('Completions', 'string', (object) => jobCompletions(jobOf(object))),
    column('Duration', 'string', (object, now) => jobDuration(jobOf(object), now)),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  selectableFields: { 'status.successful': (object) => String(jobOf(object).status?.succeeded ?? 0) },
  setDefaults(draft) {
    setTemplateDefaults(draft);
    setJobDefaults(jobOf(draft).spec);
  },
  prepareCreate(draft) {
    draft.status = {};
    const job = jobOf(draft);
    if (job.spec.manualSelector) return;
    const uid = draft.metadata.uid ?? '';
    const labels = {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': draft.metadata.name,
      'controller-uid': uid,
      'job-name': draft.metadata.name,
    };
    job.spec.template.metadata = {
      ...job.spec.template.metadata,
      labels: { ...job.spec.template.metadata?.labels, ...labels },
    };
    job.spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
    // Labels of a job without any default to those of its pods.
    draft.metadata.labels ??= { ...job.spec.template.metadata.labels };
  },
  validate: (object) => validateJobSpec(jobOf(object).spec, 'spec'),
  validateUpdate(object, old) {
    const after = jobOf(object).spec;
    const before = jobOf(old).spec;
    const errors = validateSelectorKept(object, old);
    if (!equalJson(after.template, before.template)) {
      errors.push(invalid('spec.template', after.template, 'field is immutable'));
    }
    return errors;
  },
};

function setJobDefaults(spec: Job['spec']): void {
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1;
    spec.parallelism = 1;
  }
  spec.parallelism ??= 1;
  spec.backoffLimit ??= 6;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= 'TerminatingOrFailed';
  spec.manualSelector ??= false;
  if (spec.manualSelector === false) delete spec.manualSelector;
}

function validateJobSpec(spec: Job['spec'], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['parallelism', 'completions', 'backoffLimit'] as const) {
    const value = spec[field];
    if (value !== undefined && value < 0) {
      errors.push(invalid(`${path}.${field}`, value, 'must be greater than or equal to 0'));
    }
  }
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  }
  errors.push(...validatePodSpec(spec.template.spec, `${path}.template.spec`));
  const policy = spec.template.spec.restartPolicy;
  if (policy === 'Always') {
    errors.push(required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  }
  return errors;
}

export const CRON_JOB: Kind = {
  kind: 'CronJob',
  group: 'batch',
  versions: ['v1'],
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  message: 'batch.CronJob',
  status: true,
  columns: [
    NAME,
    column('Schedule', 'string', (object) => (object as CronJob).spec.schedule),
    column('Timezone', 'string', (object) => (object as CronJob).spec.timeZone ?? '<none>'),
    column('Suspend', 'string', (object) => ((object as CronJob).spec.suspend ? 'True' : 'False')),
    column('Active', 'integer', (object) => (object as CronJob).status?.active?.length ?? 0),
    column('Last Schedule', 'string', (object, now) => {
      const last = (object as CronJob).status?.lastScheduleTime;
      return last ? sinceText(last, now) : '<none>';
    }),
    AGE,
    wide('Containers', 'string', (object) => cronContainers(object, 'name')),
    wide('Images', 'string', (object) => cronContainers(object, 'image')),
    wide('Selector', 'string', (object) => selectorText((object as CronJob).spec.jobTemplate.spec.selector)),
  ],
  setDefaults(draft) {
    draft.spec ??= {};
    const { spec } = draft as CronJob;
    spec.jobTemplate ??= { spec: { template: { spec: { containers: [] } } } };
    setTemplateDefaults(spec.jobTemplate as unknown as KubernetesObject);
    spec.concurrencyPolicy ??= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
  },
  prepareCreate(draft) {
    draft.status = {};
  },
  validate(object) {
    const { schedule, timeZone, concurrencyPolicy, jobTemplate } = (object as CronJob).spec;
    const errors: FieldError[] = [];
    if (!schedule) errors.push(required('spec.schedule'));
    else errors.push(...validateSchedule(schedule, timeZone));
    if (!['Allow', 'Forbid', 'Replace'].includes(concurrencyPolicy ?? '')) {
      errors.push(notSupported('spec.concurrencyPolicy', concurrencyPolicy, ['Allow', 'Forbid', 'Replace']));
    }
    return [...errors, ...validateJobSpec(jobTemplate.spec, 'spec.jobTemplate.spec')];
  },
};

/** pkg/apis/batch/validation/validation.go, validateScheduleFormat and validateTimeZone. */
function validateSchedule(schedule: string, timeZone: string | undefined): FieldError[] {
  if (schedule.includes('TZ')) {
    const text =
      timeZone === undefined
        ? 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
        : 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    return [invalid('spec.schedule', schedule, text)];
  }
  return [
    ...cronProblem('spec.schedule', schedule, () => parseCronSchedule(schedule)),
    ...(timeZone === undefined ? [] : validateTimeZone(timeZone)),
  ];
}

function validateTimeZone(timeZone: string): FieldError[] {
  const refuse = (text: string) => [invalid('spec.timeZone', timeZone, text)];
  if (timeZone === '') return refuse('timeZone must be nil or non-empty string');
  if (timeZone.toLowerCase() === 'local') {
    return refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  }
  return cronProblem('spec.timeZone', timeZone, () => parseCronSchedule('@hourly', timeZone));
}

function cronProblem(field: string, value: string, parse: () => unknown): FieldError[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (error instanceof CronError) return [invalid(field, value, error.message)];
    throw error;
  }
}

function cronContainers(object: KubernetesObject, field: 'name' | 'image'): string {
  const containers = (object as CronJob).spec.jobTemplate.spec.template.spec.containers ?? [];
  return containers.map((one) => one[field] ?? '').join(',');
}
