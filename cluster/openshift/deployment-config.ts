/**
 * DeploymentConfig: what OpenShift had before Deployments. openshift-apiserver/pkg/apps (defaults, columns, validation).
 * Left out: lifecycle hooks and custom deployers, which are kept and not run, and image triggers, see
 * `deployment-configs.ts`.
 */
import { invalid, notSupported, required, type FieldError } from '../objects/api-error.ts';
import { type JsonObject } from '../objects/json.ts';
import { column, NAME } from '../objects/kinds/columns.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { setPodSpecDefaults } from '../objects/kinds/pod-defaults.ts';
import { validateTemplateOf } from '../objects/kinds/replication-controller.ts';
import { type Condition, type PodTemplate } from '../objects/kinds/workload-types.ts';
import { type KubernetesObject } from '../objects/object.ts';

interface RollingParams {
  maxSurge?: number | string;
  maxUnavailable?: number | string;
  timeoutSeconds?: number;
}

export interface Trigger {
  type: string;
  imageChangeParams?: { automatic?: boolean; containerNames?: string[]; from?: { kind?: string; name?: string } };
}

export interface DeploymentConfig extends KubernetesObject {
  spec: {
    replicas: number;
    selector: Record<string, string>;
    template: PodTemplate;
    triggers: Trigger[];
    strategy: {
      type: string;
      rollingParams?: RollingParams;
      recreateParams?: { timeoutSeconds?: number };
      activeDeadlineSeconds?: number;
    };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    paused?: boolean;
    test?: boolean;
  };
  status?: {
    latestVersion: number;
    observedGeneration: number;
    replicas: number;
    updatedReplicas: number;
    availableReplicas: number;
    unavailableReplicas: number;
    readyReplicas?: number;
    details?: { message: string; causes: { type: string }[] };
    conditions?: Condition[];
  };
}

const configOf = (object: KubernetesObject) => object as DeploymentConfig;

export const DEPLOYMENT_CONFIG: Kind = {
  kind: 'DeploymentConfig',
  group: 'apps.openshift.io',
  versions: ['v1'],
  plural: 'deploymentconfigs',
  singular: 'deploymentconfig',
  shortNames: ['dc'],
  categories: ['all'],
  namespaced: true,
  message: 'openshift.DeploymentConfig',
  status: true,
  scale: true,
  subresources: [{ name: 'instantiate', kind: 'DeploymentRequest', verbs: ['create'] }],
  // openshift-apiserver/pkg/apps/printers/internalversion/printer.go.
  columns: [
    NAME,
    column('Revision', 'string', (object) => configOf(object).status?.latestVersion ?? 0),
    column('Desired', 'string', (object) => {
      const { replicas, test } = configOf(object).spec;
      return test ? `${replicas} (during test)` : String(replicas);
    }),
    column('Current', 'string', (object) => configOf(object).status?.updatedReplicas ?? 0),
    column('Triggered By', 'string', (object) => triggersText(configOf(object))),
  ],
  // openshift-apiserver/pkg/apps/apis/apps/v1/defaults.go.
  setDefaults(draft) {
    draft.spec ??= {};
    const { spec } = configOf(draft);
    spec.replicas ??= 0;
    spec.triggers ??= [{ type: 'ConfigChange' }];
    spec.strategy ??= { type: 'Rolling' };
    setStrategyDefaults(spec.strategy);
    spec.revisionHistoryLimit ??= 10;
    if (!spec.template) return;
    spec.template.metadata ??= {};
    spec.template.spec ??= { containers: [] };
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...spec.template.metadata.labels };
    setPodSpecDefaults(spec.template.spec);
  },
  prepareCreate(draft) {
    draft.status = {
      latestVersion: 0,
      observedGeneration: 0,
      replicas: 0,
      updatedReplicas: 0,
      availableReplicas: 0,
      unavailableReplicas: 0,
    };
  },
  validate: (object) => validate(configOf(object)),
};

/** Time that a rollout may take; 10 minutes for both strategies. */
const TIMEOUT_SECONDS = 600;
/** Time that the pod of a deployer may run: 6 hours. */
const DEPLOYER_SECONDS = 21_600;

function setStrategyDefaults(strategy: DeploymentConfig['spec']['strategy']): void {
  strategy.type ||= 'Rolling';
  strategy.activeDeadlineSeconds ??= DEPLOYER_SECONDS;
  (strategy as JsonObject).resources ??= {};
  if (strategy.type === 'Recreate') {
    strategy.recreateParams ??= {};
    strategy.recreateParams.timeoutSeconds ??= TIMEOUT_SECONDS;
  }
  if (strategy.type !== 'Rolling') return;
  const rolling = (strategy.rollingParams ??= {});
  const seconds = rolling as JsonObject;
  seconds.intervalSeconds ??= 1;
  seconds.updatePeriodSeconds ??= 1;
  rolling.timeoutSeconds ??= TIMEOUT_SECONDS;
  const isNone = (value: number | string | undefined) => value === 0 || value === '0%';
  if (rolling.maxUnavailable === undefined && (rolling.maxSurge === undefined || isNone(rolling.maxSurge))) {
    rolling.maxUnavailable = '25%';
  }
  if (rolling.maxSurge === undefined && (rolling.maxUnavailable === '25%' || isNone(rolling.maxUnavailable))) {
    rolling.maxSurge = '25%';
  }
}

/** openshift-apiserver/pkg/apps/apis/apps/validation/validation.go, ValidateDeploymentConfigSpec. */
function validate({ spec }: DeploymentConfig): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { type }] of spec.triggers.entries()) {
    if (!type) errors.push(required(`spec.triggers[${index}].type`));
  }
  if (!['Recreate', 'Rolling', 'Custom'].includes(spec.strategy.type)) {
    const supported = ['Recreate', 'Rolling', 'Custom'];
    errors.push(notSupported('spec.strategy.type', spec.strategy.type, supported));
  }
  if (spec.replicas < 0) errors.push(invalid('spec.replicas', spec.replicas, 'replicas cannot be negative'));
  if (Object.keys(spec.selector ?? {}).length === 0)
    errors.push(invalid('spec.selector', spec.selector, 'selector cannot be empty'));
  return [...errors, ...validateTemplateOf(spec)];
}

function triggersText({ spec }: DeploymentConfig): string {
  const texts = spec.triggers.flatMap(({ type, imageChangeParams }) => {
    if (type === 'ConfigChange') return ['config'];
    if (type !== 'ImageChange') return [type];
    if (!imageChangeParams?.automatic) return [];
    const { kind = 'ImageStreamTag', name = '' } = imageChangeParams.from ?? {};
    const all = spec.template?.spec.containers.map((container) => container.name) ?? [];
    const named = imageChangeParams.containerNames ?? [];
    const prefix = all.length !== 1 && !named.every((one) => all.includes(one)) ? `${named.toSorted().join(',')}:` : '';
    return [`${kind === 'ImageStreamTag' ? 'image' : kind}(${prefix}${name})`];
  });
  return [...new Set(texts)].toSorted().join(',');
}
