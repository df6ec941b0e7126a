import { apiVersion, type Resource } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fileFlags, SELECTOR_FLAG } from '../flag-sets.ts';
import { CREATE_FLAGS, createFromFlags } from '../generators/created.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';

const HPAS = { group: 'autoscaling', version: 'v2', name: 'horizontalpodautoscalers', namespaced: true };

/** Kinds that have a scale of their own. kubectl/pkg/polymorphichelpers/canbeautoscaled.go. */
const SCALABLE = new Set(['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'replicationcontrollers.']);

export const command: Command = {
  usage: '(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]',
  long: 'Creates an autoscaler that chooses the number of pods by their load.',
  examples: [['Between two and five', 'autoscale deployment web --min=2 --max=5 --cpu=80%']],
  flags: [
    ...CREATE_FLAGS.filter((flag) => flag.name !== 'field-manager' && flag.name !== 'validate'),
    ...fileFlags('that names the object'),
    SELECTOR_FLAG,
    {
      name: 'field-manager',
      type: 'string',
      default: 'kubectl-autoscale',
      usage: 'Name that stands for the writer of the fields.',
    },
    { name: 'cpu', type: 'string', usage: 'CPU to aim at, as 80% of the request or as 500m.' },
    {
      name: 'cpu-percent',
      type: 'int',
      default: '-1',
      usage: 'CPU to aim at, in percent of the request.',
      deprecated:
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
    },
    { name: 'max', type: 'int', default: '-1', required: true, usage: 'Most pods.' },
    { name: 'memory', type: 'string', usage: 'Memory to aim at, as 80% of the request or as 500Mi.' },
    { name: 'min', type: 'int', default: '-1', usage: 'Fewest pods; the server decides when left out.' },
    { name: 'name', type: 'string', usage: "Name of the autoscaler; the object's own when left out." },
  ],
  run,
};

/** kubectl/pkg/cmd/autoscale/autoscale.go. */
async function run(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const [min, max] = [flags.int('min'), flags.int('max')];
  if (max < 1) throw new CommandError(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
  if (max < min) {
    throw new CommandError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
  }
  const metrics = readMetrics(invocation);
  const targets = await findTargets(invocation);
  await forEachTarget(targets, async (target) => {
    checkScalable(target.resource);
    for (const object of await listTarget(invocation, target)) {
      const name = object.metadata?.name ?? '';
      const autoscaler = {
        kind: 'HorizontalPodAutoscaler',
        apiVersion: 'autoscaling/v2',
        metadata: { name: flags.string('name') || name },
        spec: {
          scaleTargetRef: { kind: target.resource.kind, name, apiVersion: apiVersion(target.resource) },
          ...(min > 0 ? { minReplicas: min } : {}),
          maxReplicas: max,
          ...(metrics.length > 0 ? { metrics } : {}),
        },
        status: { desiredReplicas: 0, currentMetrics: null },
      };
      await createFromFlags(invocation, HPAS, autoscaler, '', 'autoscaled');
    }
  });
  return 0;
}

function checkScalable(resource: Resource): void {
  if (SCALABLE.has(`${resource.name}.${resource.group}`)) return;
  throw new CommandError(
    `cannot autoscale a ${apiVersion(resource)}, Kind=${resource.kind}: no kind "${resource.kind}" is registered for the internal version of group "${resource.group}" in scheme`,
  );
}

function readMetrics({ flags }: Invocation): object[] {
  const percent = flags.int('cpu-percent');
  const wanted: [name: string, amount: string][] = [
    ['cpu', percent >= 0 ? `${percent}%` : flags.string('cpu')],
    ['memory', flags.string('memory')],
  ];
  return wanted
    .filter(([, amount]) => amount !== '')
    .map(([name, amount]) => {
      const target =
        /^\d+%?$/.test(amount) && (amount.endsWith('%') || percent >= 0)
          ? { type: 'Utilization', averageUtilization: Number(amount.replace('%', '')) }
          : { type: 'AverageValue', averageValue: amount };
      return { type: 'Resource', resource: { name, target } };
    });
}
