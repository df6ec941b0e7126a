import { isRecord, type ApiList, type ApiObject } from '../api/object.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addLimits, addLimitsHeading } from './limits.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';

/** kubectl/pkg/describe/describe.go, describeNamespace. */
export const describeNamespace: Describer = async (object, { client }) => {
  const { metadata = {} } = object;
  const status = isRecord(object.status) ? object.status : {};
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines.add(0, 'Status:', String(status.phase ?? ''));
  const list = async (resource: string) => {
    const path = `/api/v1/namespaces/${encodeURIComponent(metadata.name ?? '')}/${resource}`;
    return (await client.json<ApiList>('GET', path, { query: { limit: 500 } })).items ?? [];
  };
  addQuotas(lines, await list('resourcequotas'));
  const limits = await list('limitranges');
  if (limits.length === 0) lines.raw('\nNo LimitRange resource.\n');
  else {
    lines.raw('\nResource Limits\n');
    addLimitsHeading(lines, ' ');
    for (const range of limits) addLimits(lines, range, ' ');
  }
  return lines.toString();
};

function addQuotas(lines: Lines, quotas: readonly ApiObject[]): void {
  if (quotas.length === 0) {
    lines.raw('\nNo resource quota.\n');
    return;
  }
  lines.raw('\nResource Quotas\n');
  for (const quota of quotas) {
    const status = isRecord(quota.status) ? quota.status : {};
    const [hard, used] = [status.hard, status.used].map((each) => (isRecord(each) ? each : {}));
    lines
      .add(1, 'Name:', quota.metadata?.name ?? '')
      .add(1, 'Resource', 'Used', 'Hard')
      .add(1, '--------', '---', '---');
    for (const name of Object.keys(hard ?? {}).sort())
      lines.add(1, name, String(used?.[name] ?? ''), String(hard?.[name] ?? ''));
  }
}

/** describeConfigMap. */
export const describeConfigMap: Describer = async (object, { client, events, now }) => {
  const lines = heading(object);
  lines.raw('\nData\n====\n');
  const data = isRecord(object.data) ? object.data : {};
  for (const key of Object.keys(data).sort()) lines.raw(`${key}:\n----\n${String(data[key])}\n\n`);
  lines.raw('\nBinaryData\n====\n');
  const binary = isRecord(object.binaryData) ? object.binaryData : {};
  for (const key of Object.keys(binary).sort())
    lines.raw(`${key}: ${Buffer.from(String(binary[key]), 'base64').length} bytes\n`);
  lines.raw('\n');
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** describeSecret: sizes, never values. */
export const describeSecret: Describer = async (object) => {
  const lines = heading(object);
  lines.raw(`\nType:\t${String(object.type ?? '')}\n\nData\n====\n`);
  const data = isRecord(object.data) ? object.data : {};
  for (const key of Object.keys(data).sort()) {
    const bytes = Buffer.from(String(data[key]), 'base64');
    const isToken = object.type === 'kubernetes.io/service-account-token' && key === 'token';
    lines.add(0, `${key}:`, isToken ? bytes.toString('utf8') : `${bytes.length} bytes`);
  }
  return lines.toString();
};

/** describeServiceAccount. */
export const describeServiceAccount: Describer = async (object, { client, events, now }) => {
  const lines = heading(object);
  const names = (value: unknown) =>
    Array.isArray(value) ? value.filter(isRecord).map((each) => String(each.name)) : [];
  const add = (title: string, list: readonly string[]) => {
    if (list.length === 0) lines.add(0, `${title}:`, '<none>');
    list.forEach((name, index) => lines.add(0, index === 0 ? `${title}:` : '', name));
  };
  add('Image pull secrets', names(object.imagePullSecrets));
  if (names(object.secrets).length > 0) add('Mountable secrets', names(object.secrets));
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** describeRole and describeClusterRole. */
export const describeRole: Describer = async (object) => {
  const lines = heading(object, false);
  lines.raw('PolicyRule:\n').add(1, 'Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs');
  lines.add(1, '---------', '-----------------', '--------------', '-----');
  const words = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const rows = (Array.isArray(object.rules) ? object.rules.filter(isRecord) : []).flatMap((rule) => {
    const groups = words(rule.apiGroups).length > 0 ? words(rule.apiGroups) : [''];
    const resources = words(rule.resources).flatMap((name) => groups.map((group) => ({ name, group })));
    const list = (value: unknown) => `[${words(value).join(' ')}]`;
    // Upstream sorts by the rule as Go prints it, verbs first.
    const row = (name: string, group: string, url: string) => ({
      key: `Verbs:${list(rule.verbs)},APIGroups:[${group}],Resources:[${name}],NonResourceURLs:[${url}]`,
      cells: [group === '' ? name : `${name}.${group}`, `[${url}]`, list(rule.resourceNames), list(rule.verbs)],
    });
    return [
      ...resources.map(({ name, group }) => row(name, group, '')),
      ...words(rule.nonResourceURLs).map((url) => row('', '', url)),
    ];
  });
  for (const { cells } of rows.sort((a, b) => (a.key < b.key ? -1 : 1))) lines.add(1, ...cells);
  return lines.toString();
};

/** describeRoleBinding and describeClusterRoleBinding. */
export const describeRoleBinding: Describer = async (object) => {
  const lines = heading(object, false);
  const role = isRecord(object.roleRef) ? object.roleRef : {};
  lines.raw('Role:\n').add(1, 'Kind:', String(role.kind)).add(1, 'Name:', String(role.name));
  lines.raw('Subjects:\n').add(1, 'Kind', 'Name', 'Namespace').add(1, '----', '----', '---------');
  for (const subject of Array.isArray(object.subjects) ? object.subjects.filter(isRecord) : []) {
    lines.add(1, String(subject.kind), String(subject.name), String(subject.namespace ?? ''));
  }
  return lines.toString();
};

function heading(object: ApiObject, withNamespace = true): Lines {
  const { metadata = {} } = object;
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '');
  if (withNamespace) lines.add(0, 'Namespace:', metadata.namespace ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  return lines;
}
