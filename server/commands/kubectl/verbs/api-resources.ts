import { apiVersion, groupResource, type Resource } from '../api/resource.ts';
import type { Command } from '../command.ts';
import type { ApiObject } from '../api/object.ts';
import { CommandError } from '../errors.ts';
import { createPrinter } from '../output/printer.ts';
import { alignColumns, TABLE_OPTIONS } from '../output/tabwriter.ts';

export const command: Command = {
  usage: '[flags]',
  long: 'Lists the kinds that the server has.',
  examples: [
    ['All', 'api-resources'],
    ['Those of a group, with what can be done to them', 'api-resources --api-group=apps -o wide'],
  ],
  flags: [
    { name: 'api-group', type: 'string', usage: 'Only of this group.' },
    { name: 'cached', type: 'bool', usage: 'Believe what is kept of an earlier run.' },
    { name: 'categories', type: 'csv', usage: 'Only of these categories.' },
    {
      name: 'namespaced',
      type: 'bool',
      default: 'true',
      usage: 'Only those in namespaces, or with =false only the others.',
    },
    { name: 'no-headers', type: 'bool', usage: 'Leave out the line with the names of the columns.' },
    { name: 'output', short: 'o', type: 'string', usage: 'wide, name, json or yaml.' },
    { name: 'sort-by', type: 'string', usage: 'name or kind.' },
    { name: 'verbs', type: 'csv', usage: 'Only those that can do all of these.' },
  ],
  async run({ flags, io, session }) {
    const format = flags.string('output');
    if (!['', 'wide', 'name', 'json', 'yaml'].includes(format))
      throw new CommandError(
        `unable to match a printer suitable for the output format ${JSON.stringify(format)}, allowed formats are: json,kyaml,name,wide,yaml`,
      );
    const sortBy = flags.string('sort-by');
    if (!['', 'name', 'kind'].includes(sortBy)) throw new CommandError(`--sort-by accepts only name or kind`);
    const discovery = await session.discovery();
    if (!flags.bool('cached')) discovery.forget();
    const resources = (await discovery.preferred()).filter(
      (resource) =>
        (!flags.changed('api-group') || resource.group === flags.string('api-group')) &&
        (!flags.changed('namespaced') || resource.namespaced === flags.bool('namespaced')) &&
        flags.list('verbs').every((verb) => resource.verbs.includes(verb)) &&
        flags.list('categories').every((category) => resource.categories.includes(category)),
    );
    const key = (resource: Resource) =>
      sortBy === 'name' ? resource.name : sortBy === 'kind' ? resource.kind : `${resource.group}\0${resource.name}`;
    resources.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    if (format === 'json' || format === 'yaml') {
      const printer = await createPrinter(flags, io, { keepOrder: true });
      io.stdout.write(printer.print(asList(resources)));
    } else if (format === 'name') io.stdout.write(resources.map((resource) => `${groupResource(resource)}\n`).join(''));
    else io.stdout.write(renderTable(resources, format === 'wide', flags.bool('no-headers')));
    return 0;
  },
};

/** In the order of Go's APIResource, which JSON keeps. */
function asList(resources: readonly Resource[]): ApiObject {
  const items = resources.map(
    ({ name, singular, namespaced, group, version, kind, verbs, shortNames, categories }) => ({
      name,
      singularName: singular,
      namespaced,
      ...(group === '' ? {} : { group }),
      version,
      kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    }),
  );
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: '', resources: items.length > 0 ? items : null };
}

function renderTable(resources: readonly Resource[], wide: boolean, noHeaders: boolean): string {
  const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
  const rows = resources.map((resource) => [
    resource.name,
    resource.shortNames.join(','),
    apiVersion(resource),
    String(resource.namespaced),
    resource.kind,
    ...(wide ? [[...resource.verbs].sort().join(','), resource.categories.join(',')] : []),
  ]);
  const lines = [...(noHeaders ? [] : [header]), ...rows].map((cells) => `${cells.join('\t')}\n`);
  return lines.length === 0 ? '' : alignColumns(lines.join(''), TABLE_OPTIONS);
}
