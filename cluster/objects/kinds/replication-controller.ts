/** ReplicationController: the ReplicaSet of old, whose selector is a plain map. DeploymentConfigs roll out into them. */
import { invalid, notSupported, required, type FieldError } from '../api-error.ts';
import { type KubernetesObject } from '../object.ts';
import { AGE, column, labelsText, NAME, wide } from './columns.ts';
import { type Kind } from './kind.ts';
import { validateLabels } from './names.ts';
import { setPodSpecDefaults } from './pod-defaults.ts';
import { validatePodSpec } from './pod-validation.ts';
import { type PodTemplate } from './workload-types.ts';

export interface ReplicationController extends KubernetesObject {
  spec: { replicas: number; selector: Record<string, string>; template: PodTemplate; minReadySeconds?: number };
  status?: {
    replicas: number;
    fullyLabeledReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    observedGeneration?: number;
  };
}

const rcOf = (object: KubernetesObject) => object as ReplicationController;
const containersOf = (object: KubernetesObject, field: 'name' | 'image') =>
  (rcOf(object).spec.template?.spec.containers ?? []).map((one) => one[field] ?? '').join(',');

export const REPLICATION_CONTROLLER: Kind = {
  kind: 'ReplicationController',
  group: '',
  versions: ['v1'],
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  message: 'core.ReplicationController',
  status: true,
  scale: true,
  columns: [
    NAME,
    column('Desired', 'integer', (object) => rcOf(object).spec.replicas),
    column('Current', 'integer', (object) => rcOf(object).status?.replicas ?? 0),
    column('Ready', 'integer', (object) => rcOf(object).status?.readyReplicas ?? 0),
    AGE,
    wide('Containers', 'string', (object) => containersOf(object, 'name')),
    wide('Images', 'string', (object) => containersOf(object, 'image')),
    wide('Selector', 'string', (object) => labelsText(rcOf(object).spec.selector)),
  ],
  selectableFields: { 'status.replicas': (object) => String(rcOf(object).status?.replicas ?? 0) },
  // Kubernetes 1.32, pkg/apis/core/v1/defaults.go, SetDefaults_ReplicationController.
  setDefaults(draft) {
    draft.spec ??= {};
    const { spec, metadata } = rcOf(draft);
    spec.replicas ??= 1;
    if (!spec.template) return;
    spec.template.spec ??= { containers: [] };
    const labels = spec.template.metadata?.labels;
    if (labels && Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
    setPodSpecDefaults(spec.template.spec);
  },
  prepareCreate(draft) {
    draft.status = { replicas: 0 };
  },
  validate: (object) => validate(rcOf(object)),
};

/** Kubernetes 1.32, pkg/apis/core/validation/validation.go, ValidateReplicationControllerSpec. */
function validate({ spec }: ReplicationController): FieldError[] {
  const errors: FieldError[] = [];
  if (Object.keys(spec.selector ?? {}).length === 0) errors.push(required('spec.selector'));
  if (spec.replicas < 0) {
    errors.push(invalid('spec.replicas', spec.replicas, 'must be greater than or equal to 0'));
  }
  return [...errors, ...validateTemplateOf(spec)];
}

/**
 * The template of what selects its pods by equality. Kubernetes 1.32, pkg/apis/core/validation/validation.go,
 * ValidatePodTemplateSpecForRC.
 */
export function validateTemplateOf({ selector, template }: ReplicationController['spec']): FieldError[] {
  if (!template) return [required('spec.template')];
  const labels = template.metadata?.labels ?? {};
  const errors: FieldError[] = [];
  if (!Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value)) {
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  errors.push(...validateLabels(labels, 'spec.template.labels'));
  errors.push(...validatePodSpec(template.spec, 'spec.template.spec'));
  const { restartPolicy } = template.spec;
  if (restartPolicy !== 'Always')
    errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  return errors;
}
