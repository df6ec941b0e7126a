import type { ApiObject } from '../api/object.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { createFromFlags } from '../generators/created.ts';
import { command as run } from '../verbs/run.ts';
import { DC_RESOURCE } from './deployment-configs.ts';
import { isOpenShift3 } from './era.ts';

const flags = run.flags ?? [];
const REPLICAS = { name: 'replicas', short: 'r', type: 'int', default: '1', usage: 'How many pods it has.' } as const;

/**
 * `oc run`: a pod as with kubectl. In OpenShift 3 a DeploymentConfig, unless `--restart` says that it is to end:
 * openshift/origin release-3.11, pkg/oc/cli/kubectlwrappers and pkg/oc/generate/run (BasicDeploymentConfigController).
 */
export const command: Command = {
  ...run,
  flags: flags.some(({ name }) => name === REPLICAS.name) ? flags : [...flags, REPLICAS],
  async run(invocation) {
    const { flags: given, io } = invocation;
    if (!isOpenShift3(io) || given.string('restart') !== 'Always') return (await run.run?.(invocation)) ?? 0;
    if (given.bool('rm') || given.bool('attach') || given.bool('stdin')) {
      throw new CommandError(
        `"${invocation.path}" joins only pods in Taller, and this would make a deployment config; add --restart=Never`,
      );
    }
    const config = buildConfig(invocation);
    await createFromFlags(invocation, DC_RESOURCE, config, '');
    return 0;
  },
};

function buildConfig({ args, dash, flags: given }: Invocation): ApiObject {
  const [name, ...words] = args;
  if (name === undefined || dash === 0) throw new UsageError('NAME is required for run');
  const image = given.string('image');
  if (image === '') throw new CommandError('required flag(s) "image" not set');
  const labels = given.string('labels') === '' ? { run: name } : parsePairs(given.string('labels').split(','));
  const port = given.string('port');
  const env = Object.entries(parsePairs(given.list('env'))).map(([key, value]) => ({ name: key, value }));
  const container = {
    name,
    image,
    ...(words.length > 0 ? { [given.bool('command') ? 'command' : 'args']: words } : {}),
    ...(port === '' ? {} : { ports: [{ containerPort: Number(port) }] }),
    ...(env.length > 0 ? { env } : {}),
    resources: {},
  };
  return {
    kind: 'DeploymentConfig',
    apiVersion: 'apps.openshift.io/v1',
    metadata: { name, labels },
    spec: {
      replicas: given.int('replicas'),
      selector: labels,
      strategy: { resources: {} },
      template: { metadata: { labels }, spec: { containers: [container] } },
      test: false,
      triggers: null,
    },
  };
}

function parsePairs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals <= 0) throw new CommandError(`unexpected pair: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
