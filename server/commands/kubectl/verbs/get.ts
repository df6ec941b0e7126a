import type { ApiList, ApiObject, Table } from '../api/object.ts';
import { isTable } from '../api/object.ts';
import { kindWord, resourcePath } from '../api/resource.ts';
import { watch } from '../api/watch.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, ConnectionError, isNotFound, ManyErrors, UsageError } from '../errors.ts';
import {
  ALL_NAMESPACES_FLAG,
  CHUNK_SIZE_FLAG,
  FIELD_SELECTOR_FLAG,
  fileFlags,
  OUTPUT_FLAGS,
  SELECTOR_FLAG,
} from '../flag-sets.ts';
import { createPrinter, splitFormat, type ObjectPrinter } from '../output/printer.ts';
import { hasChanged } from '../release.ts';
import { sortObjects, sortRows } from '../output/sort.ts';
import { TablePrinter, type TableOptions } from '../output/table.ts';
import {
  explainList,
  findTargets,
  forEachTarget,
  listTarget,
  pendingErrors,
  selectorQuery,
  type Target,
} from '../targets.ts';

/** Asks the server to print; it answers with the objects' metadata beside the cells. */
export const TABLE_ACCEPT =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

const EXTRA_FORMATS = ['custom-columns', 'custom-columns-file', 'wide'];

export const command: Command = {
  usage: '(TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...)',
  long: 'Lists objects, one kind after the other, or prints them whole with -o.\n\nUse "kubectl api-resources" for the kinds that the server has.',
  examples: [
    ['All pods of the namespace', 'get pods'],
    ['With address and node', 'get pods -o wide'],
    ['One deployment as YAML', 'get deployment web -o yaml'],
    ['A single value', "get service web -o jsonpath='{.spec.clusterIP}'"],
    ['Columns of your own', 'get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image'],
    ['Everything with a label, in all namespaces', 'get all -A -l app=web'],
    ['Go on as things change, until Ctrl-C', 'get pods -w'],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('that names the objects to get'),
    ALL_NAMESPACES_FLAG,
    CHUNK_SIZE_FLAG,
    SELECTOR_FLAG,
    FIELD_SELECTOR_FLAG,
    { name: 'ignore-not-found', type: 'bool', usage: 'Succeed and print nothing when an object is not there.' },
    { name: 'label-columns', short: 'L', type: 'csv', usage: 'Labels that get a column.' },
    { name: 'no-headers', type: 'bool', usage: 'Leave out the line with the names of the columns.' },
    {
      name: 'output-watch-events',
      type: 'bool',
      usage: 'With --watch: say whether each object was added, modified or deleted.',
    },
    { name: 'raw', type: 'string', usage: 'Path to request from the server; the answer is printed as it is.' },
    { name: 'server-print', type: 'bool', default: 'true', usage: 'Accepted; tables always come from the server.' },
    { name: 'show-kind', type: 'bool', usage: 'Put the kind before each name.' },
    { name: 'show-labels', type: 'bool', usage: 'Show all labels in a last column.' },
    { name: 'sort-by', type: 'string', usage: "Order by a field, as '{.metadata.name}'." },
    { name: 'subresource', type: 'string', usage: 'Get this subresource, as status or scale.' },
    { name: 'watch', short: 'w', type: 'bool', usage: 'Go on with changes after listing.' },
    { name: 'watch-only', type: 'bool', usage: 'Only changes, without listing first.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, args, io, session, program } = invocation;
  if (flags.string('raw') !== '') {
    if (args.length > 0) throw new CommandError('arguments may not be passed when --raw is specified');
    if (flags.string('output') !== '') throw new CommandError('--raw and --output are mutually exclusive');
    const path = flags.string('raw');
    if (!path.startsWith('/')) {
      const url = JSON.stringify(path);
      throw new CommandError(`--raw must be a valid URL path: parse ${url}: invalid URI for request`);
    }
    io.stdout.write(await (await session.client()).text('GET', path));
    return 0;
  }
  const watching = flags.bool('watch') || flags.bool('watch-only');
  if (flags.bool('output-watch-events') && !watching) {
    throw new CommandError('--output-watch-events option can only be used with --watch or --watch-only');
  }
  if (args.length === 0 && flags.list('filename').length === 0 && flags.string('kustomize') === '') {
    io.stderr.write(
      `You must specify the type of resource to get. Use "${program} api-resources" for a complete list of supported resources.\n\n`,
    );
    throw new UsageError(
      `Required resource not specified.\nUse "${program} explain <resource>" for a detailed description of that resource (e.g. ${program} explain pods).`,
    );
  }
  const { format } = splitFormat(flags.string('output'), flags.string('template'));
  const asTable = format === '' || format === 'wide';
  // Read before anything is asked of the server, so that a wrong format is told first.
  const printer = asTable ? null : await chooseObjectPrinter(invocation, format);
  const allNamespaces = flags.bool('all-namespaces');
  const targets = await findTargets(invocation, { allWhenNoName: true, allNamespaces });
  if (watching) return watchTargets(invocation, targets, printer);
  return printer ? printObjects(invocation, targets, printer) : printTables(invocation, targets);
}

async function chooseObjectPrinter(invocation: Invocation, format: string): Promise<ObjectPrinter> {
  const { flags, io } = invocation;
  if (format.startsWith('custom-columns')) {
    const { createColumnsPrinter } = await import('../output/custom-columns.ts');
    return createColumnsPrinter(flags, io);
  }
  return createPrinter(flags, io, { extraFormats: EXTRA_FORMATS });
}

// --- Tables ---

async function printTables(invocation: Invocation, targets: Target[]): Promise<number> {
  const { io, flags } = invocation;
  const groups = groupByResource(targets);
  const withKind = flags.bool('show-kind') || groups.length > 1;
  const sorted = flags.string('sort-by');
  const outputs: string[] = [];
  const errors: unknown[] = [...pendingErrors(targets)];
  for (const group of groups) {
    const tables: Table[] = [];
    for (const target of group) {
      try {
        tables.push(...(await fetchTables(invocation, target)));
      } catch (error) {
        // Without a server the next one fails the same way.
        if (error instanceof ConnectionError) throw error;
        if (!(flags.bool('ignore-not-found') && isNotFound(error))) errors.push(error);
      }
    }
    const [first] = tables;
    if (!first) continue;
    const rows = tables.flatMap((table) => table.rows);
    const shown = sorted === '' ? rows : sortRows(rows, sorted);
    if (shown.length === 0) continue;
    const table = new TablePrinter(tableOptions(invocation, group[0] as Target, withKind));
    outputs.push(table.print({ columnDefinitions: first.columnDefinitions, rows: shown }));
  }
  io.stdout.write(outputs.join('\n'));
  if (errors.length > 0) throw new ManyErrors(errors);
  if (outputs.length === 0 && !flags.bool('ignore-not-found')) await sayNothingFound(invocation, targets);
  return 0;
}

/** Targets that belong in one table, in the order of their first. */
function groupByResource(targets: readonly Target[]): Target[][] {
  const groups: Target[][] = [];
  for (const target of targets) {
    const last = groups.at(-1);
    if (last?.[0]?.resource === target.resource) last.push(target);
    else groups.push([target]);
  }
  return groups;
}

async function fetchTables(invocation: Invocation, target: Target): Promise<Table[]> {
  const { flags, session } = invocation;
  const client = await session.client();
  const { resource, namespace, name } = target;
  const path = resourcePath(resource, namespace, name, flags.string('subresource') || undefined);
  const sorting = flags.string('sort-by') !== '';
  const query = name === undefined ? selectorQuery(invocation) : {};
  const limit = name === undefined && !sorting && flags.int('chunk-size') > 0 ? flags.int('chunk-size') : undefined;
  const tables: Table[] = [];
  let next: string | undefined;
  do {
    const load = () =>
      client.json<unknown>('GET', path, {
        accept: TABLE_ACCEPT,
        query: { ...query, limit, continue: next, includeObject: sorting ? 'Object' : undefined },
        subject: { resource: resource.name, name: name ?? '' },
      });
    const answer = name === undefined ? await explainList(target, query, load) : await load();
    const table = isTable(answer) ? answer : plainTable(answer as ApiList & ApiObject);
    tables.push(table);
    next = table.metadata?.continue || undefined;
  } while (next !== undefined);
  return tables;
}

/** For a server that prints no tables: names and ages, as kubectl does it. */
function plainTable(answer: ApiList & ApiObject): Table {
  const items = Array.isArray(answer.items) ? answer.items : [answer];
  return {
    kind: 'Table',
    metadata: (answer.metadata ?? {}) as Table['metadata'] & object,
    columnDefinitions: [
      { name: 'Name', type: 'string' },
      { name: 'Created At', type: 'date' },
    ],
    rows: items.map((item) => ({ cells: [item.metadata?.name, item.metadata?.creationTimestamp], object: item })),
  };
}

function tableOptions({ flags }: Invocation, target: Target, withKind: boolean): TableOptions {
  const { resource } = target;
  return {
    noHeaders: flags.bool('no-headers'),
    wide: flags.string('output') === 'wide',
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.list('label-columns'),
    withNamespace: flags.bool('all-namespaces') && resource.namespaced,
    kind: withKind ? kindWord(resource.kind, resource.group) : '',
  };
}

async function sayNothingFound({ io, session, flags }: Invocation, targets: readonly Target[]): Promise<void> {
  const namespaced = targets.every((target) => target.resource.namespaced);
  if (!hasChanged(io, 'empty lists name the namespace')) io.stderr.write('No resources found.\n');
  else if (!namespaced || flags.bool('all-namespaces')) io.stderr.write('No resources found\n');
  else io.stderr.write(`No resources found in ${(await session.namespace()).name} namespace.\n`);
}

// --- Whole objects ---

async function printObjects(invocation: Invocation, targets: Target[], printer: ObjectPrinter): Promise<number> {
  const { flags, io } = invocation;
  const objects: ApiObject[] = [];
  let failure: unknown;
  try {
    await forEachTarget(targets, async (target) => {
      try {
        objects.push(...(await fetchObjects(invocation, target)));
      } catch (error) {
        if (!(flags.bool('ignore-not-found') && isNotFound(error))) throw error;
      }
    });
  } catch (error) {
    failure = error;
  }
  const sorted = flags.string('sort-by') === '' ? objects : sortObjects(objects, flags.string('sort-by'));
  const single = targets.length === 1 && targets[0]?.name !== undefined;
  const { format } = splitFormat(flags.string('output'), flags.string('template'));
  if (format === 'name' || format.startsWith('custom-columns')) {
    io.stdout.write(printEach(printer, sorted));
  } else if (single) {
    const [object] = sorted;
    if (object) io.stdout.write(printer.print(object));
  } else if (failure === undefined || sorted.length > 0) {
    io.stdout.write(
      printer.print({ apiVersion: 'v1', items: sorted, kind: 'List', metadata: { resourceVersion: '' } }),
    );
  }
  if (failure !== undefined) throw failure;
  return 0;
}

/** Columns need all objects at once; other forms stand for themselves. */
function printEach(
  printer: ObjectPrinter & { printAll?(objects: readonly ApiObject[]): string },
  objects: readonly ApiObject[],
): string {
  return printer.printAll ? printer.printAll(objects) : objects.map((object) => printer.print(object)).join('');
}

async function fetchObjects(invocation: Invocation, target: Target): Promise<ApiObject[]> {
  const subresource = invocation.flags.string('subresource');
  if (subresource === '' || target.name === undefined) return listTarget(invocation, target);
  const client = await invocation.session.client();
  const path = resourcePath(target.resource, target.namespace, target.name, subresource);
  return [
    await client.json<ApiObject>('GET', path, { subject: { resource: target.resource.name, name: target.name } }),
  ];
}

// --- Watching ---

async function watchTargets(invocation: Invocation, targets: Target[], printer: ObjectPrinter | null): Promise<number> {
  const { flags, io, session } = invocation;
  const [target, ...more] = targets;
  if (!target || more.length > 0) throw new CommandError('you may only specify a single resource type');
  const client = await session.client();
  const path = resourcePath(target.resource, target.namespace);
  const accept = printer ? 'application/json' : TABLE_ACCEPT;
  const withEvents = flags.bool('output-watch-events');
  const table = new TablePrinter(tableOptions(invocation, target, flags.bool('show-kind')));
  const show = (value: unknown, event: string) => {
    if (isTable(value)) return table.print(value, withEvents ? event : undefined);
    if (!printer) return table.print(plainTable(value as ApiObject & ApiList), withEvents ? event : undefined);
    return printer.print(withEvents ? ({ type: event, object: value } as ApiObject) : (value as ApiObject));
  };

  const query =
    target.name === undefined ? selectorQuery(invocation) : { fieldSelector: `metadata.name=${target.name}` };
  const first = await explainList(target, query, () =>
    client.json<ApiList & ApiObject>(
      'GET',
      target.name === undefined ? path : `${path}/${encodeURIComponent(target.name)}`,
      {
        accept,
        query: target.name === undefined ? { ...query, limit: flags.int('chunk-size') || undefined } : {},
        subject: { resource: target.resource.name, name: target.name ?? '' },
      },
    ),
  );
  if (!flags.bool('watch-only')) {
    const values =
      isTable(first) || !Array.isArray(first.items) ? [first] : first.items.map((item) => withKind(item, first));
    for (const value of values) if (!isTable(value) || value.rows.length > 0) io.stdout.write(show(value, 'ADDED'));
  }
  const resourceVersion =
    target.name === undefined || !isTable(first) ? first.metadata?.resourceVersion : versionOf(first);
  for await (const event of watch<unknown>(client, path, { ...query, resourceVersion }, { accept })) {
    if (event.type !== 'BOOKMARK') io.stdout.write(show(event.object, event.type));
  }
  return 0;
}

/** Items of a list do not say their kind. */
function withKind(item: ApiObject, list: ApiList): ApiObject {
  return { apiVersion: list.apiVersion, kind: (list.kind ?? '').replace(/List$/, ''), ...item };
}

function versionOf(table: Table): string | undefined {
  return table.rows[0]?.object?.metadata?.resourceVersion ?? table.metadata?.resourceVersion;
}
