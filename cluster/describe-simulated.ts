/**
 * Writes the page that says what is simulated and what is not, from the code itself: kinds, controllers, images and
 * programs are those that are there. It is not part of a cluster; a test keeps the page and the code together.
 */
import { IMAGES } from './containers/images/catalogue.ts';
import { isNotSimulated } from './containers/programs/not-simulated.ts';
import { userlandPrograms } from './containers/programs/userland.ts';
import { ISTIO_VERSIONS } from './istio-version.ts';
import { FOLLOWED_SETTINGS } from './mesh/mesh-settings.ts';
import { FIELDS_WITHOUT_EFFECT } from './mesh/validation/inert-fields.ts';
import { apiVersionOf, ALL_VERBS, resourceKeyOf, type Kind } from './objects/kinds/kind.ts';
import { createKindRegistry } from './objects/kinds/registry.ts';
import { OPENSHIFT_KINDS } from './openshift/openshift.ts';

/** Source files of `cluster/` by path within it, as `controllers/jobs.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** Files that define a kind, or describe everything, do not act upon it. */
const DEFINITIONS = /^(objects\/(kinds|schema)\/|describe-simulated\.ts|bootstrap-roles\.ts|api\/discovery\.ts)/;

/** @returns Markdown */
export function describeSimulated(sources: Sources): string {
  const kinds = createKindRegistry().kinds;
  return `${[
    HEAD,
    '## Kinds',
    KINDS_HEAD,
    kindTable(kinds, sources),
    '### With OpenShift switched on',
    kindTable(OPENSHIFT_KINDS, sources),
    '### In earlier releases of Istio',
    'Other kinds of Istio are in fewer versions there, and some are not there at all.',
    olderKindTable(sources),
    '## Settings of the mesh',
    SETTINGS,
    '## Controllers',
    'What keeps the objects true, each with the part of upstream that it follows and with what it leaves out.',
    controllerList(sources),
    '## The network and the mesh',
    'What connections, sidecars and gateways leave out of what their originals do, by the part that would do it.',
    omissionList(sources),
    '## Images',
    'Each is a small program that behaves like the original, whatever the tag. Others end in `ErrImagePull`, unless the lesson brings them.',
    imageTable(),
    '## Programs in containers',
    programList(),
  ].join('\n\n')}\n`;
}

const HEAD = `# What the embedded cluster simulates

<!-- Written by describe-simulated.ts. Do not edit: UPDATE=1 npx vitest run -c test/vitest.config.ts test/cluster/describe-simulated.test.ts -->

The API is served by one process and kept in its memory. There is one node, and no kernel behind it: containers are
programs within that process, with a network and a file system of their own.`;

const KINDS_HEAD = `A kind *lives* when something in the cluster acts upon its objects. One that is *stored* can be created, changed,
watched and deleted, and nothing else comes of it; most of those say so in a warning when the first one is created.
Verbs are \`create delete deletecollection get list patch update watch\` unless the table names others.`;

const SETTINGS = `Of the ConfigMap \`istio\` in \`istio-system\` the mesh follows ${codes(FOLLOWED_SETTINGS)}, and of
\`istio-sidecar-injector\` what stands in \`config\` but for templates. The rest is kept and has no effect. So is this of
objects that live; who writes it is told:

${FIELDS_WITHOUT_EFFECT.map((text) => `- ${text}`).join('\n')}`;

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function kindTable(kinds: readonly Kind[], sources: Sources): string {
  const rows = kinds.map((kind) => [
    kind.kind,
    kind.versions.map((version) => apiVersionOf(kind, version)).join(', '),
    kind.verbs && kind.verbs.length < ALL_VERBS.length ? kind.verbs.join(' ') : '',
    subresourcesOf(kind).join(' '),
    stateOf(kind, sources),
  ]);
  return table(['Kind', 'API', 'Verbs', 'Subresources', ''], rows);
}

/** Kinds that only earlier releases of Istio have. */
function olderKindTable(sources: Sources): string {
  const today = new Set(createKindRegistry().kinds.map(resourceKeyOf));
  const releases = new Map<string, { kind: Kind; names: string[] }>();
  for (const istio of ISTIO_VERSIONS) {
    for (const kind of createKindRegistry(istio).kinds) {
      const key = resourceKeyOf(kind);
      if (today.has(key)) continue;
      const known = releases.get(key);
      if (known) known.names.push(istio);
      else releases.set(key, { kind, names: [istio] });
    }
  }
  const rows = [...releases.values()].map(({ kind, names }) => [
    kind.kind,
    kind.versions.map((version) => apiVersionOf(kind, version)).join(', '),
    names.join(', '),
    stateOf(kind, sources),
  ]);
  return table(['Kind', 'API', 'Istio', ''], rows);
}

function subresourcesOf(kind: Kind): string[] {
  const names = (kind.subresources ?? []).map(({ name }) => name);
  return [...names, ...(kind.scale ? ['scale'] : []), ...(kind.status ? ['status'] : [])].toSorted();
}

function stateOf(kind: Kind, sources: Sources): string {
  const verbs = kind.verbs ?? ALL_VERBS;
  if (kind.inertNote !== undefined) return `stored: ${kind.inertNote}`;
  if (verbs.includes('create') && !verbs.includes('get')) return 'answered, never stored';
  if (isActedUpon(kind, sources)) return 'lives';
  return verbs.includes('create') ? 'stored' : 'read only';
}

/** Whether code beyond the kind's own definition names its resource. */
export function isActedUpon(kind: Kind, sources: Sources): boolean {
  const key = resourceKeyOf(kind);
  return [...sources].some(
    ([path, text]) => !DEFINITIONS.test(path) && (text.includes(`'${key}'`) || text.includes(`\`${key}\``)),
  );
}

/** Files that make a controller and say at their top what it does. */
function controllerList(sources: Sources): string {
  const entries: string[] = [];
  for (const [path, text] of [...sources].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (
      !/^(controllers|openshift)\//.test(path) ||
      !/export function create\w+\([\s\S]*?\): (Controller|Kubelet) \{/.test(text)
    )
      continue;
    const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1];
    if (comment === undefined) throw new Error(`cluster/${path} makes a controller: say at its top what it does`);
    const words = comment.replaceAll(/\s*\n \* ?/g, ' ').trim();
    entries.push(`- **${path.replace(/^.*\//, '').replace('.ts', '').replaceAll('-', ' ')}**: ${words}`);
  }
  return entries.join('\n');
}

/** What files of the network and of the mesh say of themselves, after the words `Left out:`. */
function omissionList(sources: Sources): string {
  return [...sources]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, text]) => {
      if (!/^(network|mesh)\//.test(path)) return [];
      const comments = text.match(/\/\*\*[\s\S]*?\*\//g) ?? [];
      const left = comments.flatMap((comment) => {
        const words = comment.replace(/\s*\*\/$/, '').replaceAll(/\s*\n\s*\* ?/g, ' ');
        return /Left out: (.*?)(?:;|\.(?= [A-Z@])| @|\.?$)/.exec(words)?.[1] ?? [];
      });
      const name = path.replace(/^.*\//, '').replace('.ts', '').replaceAll('-', ' ');
      return left.map((what) => `- **${name}**: ${what}.`);
    })
    .join('\n');
}

const SHELLS = { busybox: 'BusyBox', gnu: 'Debian', none: 'no shell' };

function imageTable(): string {
  const rows = IMAGES.map(({ repositories, userland, programs }) => [
    repositories.map((one) => `\`${one}\``).join(' '),
    SHELLS[userland],
    Object.keys(programs ?? {})
      .map((path) => `\`${path}\``)
      .join(' '),
  ]);
  return table(['Repositories', 'Small tools', 'Programs of its own'], rows);
}

function programList(): string {
  const names = (userland: 'busybox' | 'gnu') =>
    userlandPrograms(userland)
      .filter(([, program]) => !isNotSimulated(program))
      .map(([path]) => path.slice(path.lastIndexOf('/') + 1));
  const busybox = names('busybox');
  const gnu = names('gnu');
  const render = (list: readonly string[]) =>
    list
      .toSorted()
      .map((one) => `\`${one}\``)
      .join(' ');
  return [
    `Everywhere but in images without a shell: ${render(busybox.filter((one) => gnu.includes(one)))}`,
    `Only with BusyBox: ${render(busybox.filter((one) => !gnu.includes(one)))}`,
    `Only with Debian: ${render(gnu.filter((one) => !busybox.includes(one)))}`,
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
