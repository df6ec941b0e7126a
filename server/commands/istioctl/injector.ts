import { alignColumns } from '../kubectl/output/tabwriter.ts';
import { isSystem } from './analyze/snapshot.ts';
import type { Command, Invocation } from './command.ts';
import { refuseWords } from './help.ts';
import { listObjects, type KubernetesObject } from './resources.ts';
import { listWebhooks, matches, REVISION, type WebhookConfiguration } from './webhooks.ts';

const list: Command = {
  usage: '',
  long: 'Lists namespaces with the revision of their pods, and injectors with what they inject.',
  examples: ['experimental injector list'],
  run: listInjectors,
};

export const command: Command = {
  usage: '',
  long: 'Looks at the injectors of the cluster.',
  examples: ['experimental injector list'],
  subcommands: [{ name: 'list', short: 'List injectors', load: () => Promise.resolve(list) }],
  run: refuseWords,
};

/** istioctl/pkg/injector/injector-list.go */
async function listInjectors({ io, session, istioNamespace }: Invocation): Promise<number> {
  const [everywhere, hooks, pods, maps] = await Promise.all([
    listObjects(session, 'namespaces'),
    listWebhooks(session),
    listObjects(session, 'pods'),
    listObjects<ConfigMap>(session, 'configMaps', istioNamespace, REVISION),
  ]);
  const namespaces = everywhere
    .filter(({ metadata: { name } }) => !isSystem(name) && name !== istioNamespace)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rows = namespaces.flatMap(({ metadata: { name, labels = {} } }) => {
    const revision = revisionOf(labels, hooks);
    const counts = countPods(
      pods.filter(({ metadata }) => metadata.namespace === name),
      revision,
    );
    if (counts.size === 0 && revision !== '') return [[name, revision, '<no pods>']];
    return [...counts].map(([injected, text]) => [name, revision, `${injected}: ${text}`]);
  });
  if (rows.length === 0) io.stdout.write('No Istio injected namespaces present.\n');
  else io.stdout.write(render([['NAMESPACE', 'ISTIO-REVISION', 'POD-REVISIONS'], ...rows]));
  io.stdout.write('\n');
  if (hooks.length === 0) {
    io.stdout.write('No Istio injection hooks present.\n');
    return 0;
  }
  const images = new Map(maps.flatMap((map) => imageOf(map)));
  const injectors = hooks.flatMap(({ metadata, webhooks = [] }) => {
    const revision = metadata.labels?.[REVISION] ?? '';
    const matching = webhooks.flatMap(({ namespaceSelector }) =>
      namespaces.filter((namespace) => matches(namespaceSelector, namespace.metadata.labels ?? {})),
    );
    const names =
      matching.length === 0 ? ['DOES NOT AUTOINJECT'] : matching.map((namespace) => namespace.metadata.name);
    return names.map((name) => [name, metadata.name, revision, images.get(revision) ?? '']);
  });
  io.stdout.write(render([['NAMESPACES', 'INJECTOR-HOOK', 'ISTIO-REVISION', 'SIDECAR-IMAGE'], ...injectors]));
  return 0;
}

interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

function revisionOf(labels: Readonly<Record<string, string>>, hooks: readonly WebhookConfiguration[]): string {
  const hook = hooks.find(({ webhooks = [] }) =>
    webhooks.some(({ namespaceSelector }) => matches(namespaceSelector, labels)),
  );
  if (hook !== undefined) return hook.metadata.labels?.[REVISION] ?? '';
  if (labels[REVISION] !== undefined) return `MISSING/${labels[REVISION]}`;
  const told = labels['istio-injection'];
  return told === undefined || told === 'disabled' ? '' : 'MISSING/istio-injection';
}

/** By the revision that a pod's proxy was injected from. */
function countPods(pods: readonly KubernetesObject[], expected: string): Map<string, string> {
  const counts = new Map<string, { pods: number; disabled: number; stale: number }>();
  for (const { metadata } of pods) {
    const { labels = {}, annotations = {} } = metadata;
    const revision = injectedRevision(annotations['sidecar.istio.io/status']);
    const count = counts.get(revision || '<non-Istio>') ?? { pods: 0, disabled: 0, stale: 0 };
    count.pods += 1;
    const wish = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'];
    if (wish?.toLowerCase() === 'false') count.disabled += 1;
    else if (revision !== expected) count.stale += 1;
    counts.set(revision || '<non-Istio>', count);
  }
  return new Map(
    [...counts].map(([revision, { pods: all, disabled, stale }]) => [
      revision,
      `${all}${disabled > 0 ? ` (injection disabled: ${disabled})` : ''}${stale > 0 ? ` NEEDS RESTART: ${stale}` : ''}`,
    ]),
  );
}

export function injectedRevision(status: string | undefined): string {
  try {
    return (JSON.parse(status ?? '{}') as { revision?: string }).revision ?? '';
  } catch {
    return '';
  }
}

function imageOf({ metadata, data = {} }: ConfigMap): [revision: string, image: string][] {
  if (data['values'] === undefined) return [];
  const { global: values } = JSON.parse(data['values']) as {
    global?: { hub?: string; tag?: string; proxy?: { image?: string } };
  };
  if (values === undefined) return [];
  return [[metadata.labels?.[REVISION] ?? '', `${values.hub ?? ''}/${values.proxy?.image ?? ''}:${values.tag ?? ''}`]];
}

function render(rows: readonly (readonly string[])[]): string {
  return alignColumns(rows.map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 0, padding: 1 });
}
