import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { serverOf } from './projects.ts';
import { loadProject, type ProjectParts } from './project-parts.ts';
import { findMarkers, type Marker } from './status-markers.ts';
import { describeConfig, describeDeployment, describeOther, describeRoute, describeService } from './status-lines.ts';
import { compareRoutes, coveredBy, serviceGroups } from './status-groups.ts';

/**
 * `oc status`. openshift/oc, pkg/helpers/describe/projectstatus.go. Left out: builds, image streams and autoscalers,
 * and of its analyses all but probes, routes and pods that crash.
 */
export const command: Command = {
  usage: '[--suggest]',
  long: 'Shows the services of the project with what stands behind them.',
  flags: [{ name: 'suggest', type: 'bool', usage: 'Also show what could be better, and how.' }],
  async run({ flags, io, session }) {
    const client = await session.client();
    const { name } = await session.namespace();
    const parts = await loadProject(client, name);
    const project = await client
      .json<{ metadata?: { annotations?: Record<string, string> } }>(
        'GET',
        `/apis/project.openshift.io/v1/projects/${encodeURIComponent(name)}`,
        { subject: { resource: 'projects', name } },
      )
      .catch((error: unknown): { metadata?: { annotations?: Record<string, string> } } => {
        if (error instanceof StatusError && error.reason === 'NotFound') return {};
        throw error;
      });
    const server = await serverOf({ session });
    const title = project.metadata?.annotations?.['openshift.io/display-name'];
    const shown = title && title !== name ? `${title} (${name})` : name;
    const body = renderParts(parts, io.now());
    const end = renderEnd(parts, findMarkers(parts), flags.bool('suggest'));
    io.stdout.write(`In project ${shown} on server ${server}\n${body}${end}`);
    return 0;
  },
};

/** Lines, all but the first one step further in. */
function block(lines: readonly string[], indent: string): string {
  return lines.map((line, index) => `${indent}${index === 0 ? '' : '  '}${line}\n`).join('');
}

function renderParts(parts: ProjectParts, now: number): string {
  let text = '';
  const shown = new Set<object>();
  for (const group of serviceGroups(parts)) {
    text += '\n';
    for (const service of group) {
      const routes = parts.routes.filter((route) => route.spec?.to?.name === service.metadata?.name);
      const exposes = routes.flatMap(describeRoute).sort(compareRoutes);
      text += block(describeService(service, exposes), '');
    }
    const covered = coveredBy(parts, group[0]);
    for (const config of covered.configs) text += block(describeConfig(parts, config, now), '  ');
    for (const set of covered.statefulSets) text += block(describeOther(set, now), '  ');
    for (const deployment of covered.deployments) text += block(describeDeployment(parts, deployment, now), '  ');
    for (const other of covered.others) text += block(describeOther(other, now), '  ');
    for (const each of [...covered.configs, ...covered.statefulSets, ...covered.deployments, ...covered.others])
      shown.add(each);
  }
  const rest = <Each extends object>(all: readonly Each[]) => all.filter((each) => !shown.has(each));
  for (const config of rest(parts.configs)) text += `\n${block(describeConfig(parts, config, now), '')}`;
  for (const each of rest(parts.deployments)) text += `\n${block(describeDeployment(parts, each, now), '')}`;
  const { statefulSets, controllers, replicaSets, daemonSets, jobs, pods } = parts.standalone;
  for (const each of rest([...statefulSets, ...controllers, ...replicaSets, ...daemonSets, ...jobs])) {
    text += `\n${block(describeOther(each, now), '')}`;
  }
  const live = rest(pods).filter((pod) => !['Succeeded', 'Failed'].includes(String(pod.status?.phase)));
  for (const pod of live) text += `\n${block(describeOther(pod, now), '')}`;
  return text;
}

function renderEnd({ services, configs }: ProjectParts, markers: readonly Marker[], suggest: boolean): string {
  const of = (severity: Marker['severity']) => markers.filter((marker) => marker.severity === severity);
  const [errors, warnings, infos] = [of('error'), of('warning'), of('info')];
  let text = '\n';
  const list = (some: readonly Marker[]) =>
    some
      .map(({ severity, message, suggestion }) => {
        const said = suggest || severity === 'error' ? `  * ${message}\n` : '';
        return `${said}${suggest && suggestion ? `    try: ${suggestion}\n` : ''}`;
      })
      .join('');
  if (errors.length > 0) text += `Errors:\n${list(errors)}`;
  if (warnings.length > 0) text += `${suggest ? `${errors.length > 0 ? '\n' : ''}Warnings:\n` : ''}${list(warnings)}`;
  if (infos.length > 0) {
    const apart = errors.length + warnings.length > 0 ? '\n' : '';
    text += `${suggest ? `${apart}Info:\n` : ''}${list(infos)}`;
  }
  if (errors.length > 0 || infos.length > 0 || (suggest && warnings.length > 0)) text += '\n';
  const counted = [count(errors, 'error'), count(warnings, 'warning'), count(infos, 'info')].filter(Boolean);
  const hasHelp = errors.some(({ suggestion }) => suggestion) || warnings.length > 0 || infos.length > 0;
  if (!suggest && hasHelp) {
    return `${text}${counted.join(', ')} identified, use 'oc status --suggest' to see details.\n`;
  }
  if (services.length === 0 && configs.length === 0) {
    return `${text}You have no services, deployment configs, or build configs.\nRun 'oc new-app' to create an application.\n`;
  }
  return `${text}View details with 'oc describe <resource>/<name>' or list resources with 'oc get all'.\n`;
}

function count(markers: readonly Marker[], noun: string): string {
  if (markers.length === 0) return '';
  return markers.length === 1 ? `1 ${noun}` : `${markers.length} ${noun}s`;
}
