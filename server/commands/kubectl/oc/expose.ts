import { isRecord, type ApiObject } from '../api/object.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { createFromFlags } from '../generators/created.ts';
import { findTargets, getTarget } from '../targets.ts';
import { command as exposeService } from '../verbs/expose.ts';

const ROUTES = { group: 'route.openshift.io', version: 'v1', name: 'routes', namespaced: true };

/** `oc expose`: a service gets a route, all else a service as with kubectl. openshift/oc, pkg/cli/expose/expose.go. */
export const command: Command = {
  ...exposeService,
  long: 'Gives a service a route, which the world outside reaches it by, or a deployment or pod a service.',
  examples: [['A route for a service', 'expose svc/web']],
  flags: [
    ...(exposeService.flags ?? []).filter(({ name }) => !['hostname', 'path', 'wildcard-policy'].includes(name)),
    { name: 'hostname', type: 'string', usage: 'Host of the route; the cluster chooses one when left out.' },
    { name: 'path', type: 'string', usage: 'Only paths that begin so.' },
    { name: 'wildcard-policy', type: 'string', usage: 'Policy of the route for hosts with wildcards.' },
  ],
  async run(invocation) {
    const [word = ''] = invocation.args;
    if (!/^(svc|service|services)(\/|$)/.test(word)) return (await exposeService.run?.(invocation)) ?? 0;
    const targets = await findTargets(invocation);
    for (const target of targets) {
      await createFromFlags(
        invocation,
        ROUTES,
        buildRoute(invocation, await getTarget(invocation, target)),
        '',
        'exposed',
      );
    }
    return 0;
  },
};

function buildRoute({ flags }: Invocation, service: ApiObject): ApiObject {
  const name = service.metadata?.name ?? '';
  const spec = isRecord(service.spec) ? service.spec : {};
  const [port] = (Array.isArray(spec.ports) ? spec.ports : []) as {
    name?: string;
    port: number;
    targetPort?: number | string;
  }[];
  if (!port) throw new CommandError(`service ${JSON.stringify(name)} has no ports`);
  const targetPort = flags.string('port') || port.name || (port.targetPort ?? port.port);
  const labels = service.metadata?.labels;
  return {
    kind: 'Route',
    apiVersion: 'route.openshift.io/v1',
    metadata: { name: flags.string('name') || name, ...(labels ? { labels } : {}) },
    spec: {
      ...(flags.string('hostname') === '' ? {} : { host: flags.string('hostname') }),
      ...(flags.string('path') === '' ? {} : { path: flags.string('path') }),
      to: { kind: 'Service', name, weight: null },
      port: { targetPort },
      ...(flags.string('wildcard-policy') === '' ? {} : { wildcardPolicy: flags.string('wildcard-policy') }),
    },
    status: { ingress: null },
  };
}
