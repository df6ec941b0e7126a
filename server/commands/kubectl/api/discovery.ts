import { CommandError } from '../errors.ts';
import type { Client } from './client.ts';
import type { DiscoveryCache, DiscoveryHalf } from './discovery-cache.ts';
import { apiVersion, type Resource } from './resource.ts';
import { WELL_KNOWN } from './well-known.ts';

/**
 * Finds resources by the words of a command line and by kind. What is kept of earlier runs is believed, until
 * something is not among it: then the server is asked, once per half and run.
 */
export interface Discovery {
  /** Everything, in the server's order, each version. */
  all(): Promise<Resource[]>;
  /** As {@link all}, but of each group only the version that the server prefers. */
  preferred(): Promise<Resource[]>;
  /**
   * By plural, singular, short name or kind, with `.group` or `.version.group` behind it.
   * @throws CommandError when there is none.
   */
  find(word: string): Promise<Resource>;
  /**
   * The resources of a category such as `all`, or the one that {@link find} finds.
   * @throws CommandError when it is neither.
   */
  expand(word: string): Promise<Resource[]>;
  /** @returns undefined when there is no such kind. */
  findKind(apiVersion: string, kind: string): Promise<Resource | undefined>;
  /** What is kept does not count any more: kinds may have come and gone since. */
  forget(): void;
}

interface AggregatedList {
  kind: string;
  items?: {
    metadata?: { name?: string };
    versions?: { version: string; resources?: AggregatedResource[] }[];
  }[];
}

interface AggregatedResource {
  resource: string;
  responseKind?: { group?: string; version?: string; kind?: string };
  scope?: string;
  singularResource?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

interface ClassicResource {
  name: string;
  singularName?: string;
  namespaced: boolean;
  kind: string;
  group?: string;
  version?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

const ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

export function createDiscovery(client: Client, cache: DiscoveryCache): Discovery {
  const loaded: Partial<Record<DiscoveryHalf, Promise<Resource[]>>> = {};
  /** Whether something came from the cache, so that asking the server may tell more. */
  let stale = false;
  const ask = async (half: DiscoveryHalf) => {
    const resources = await load(client, half === 'core' ? '/api' : '/apis');
    cache.write(half, resources);
    return resources;
  };
  const obtain = async (half: DiscoveryHalf) => {
    const kept = cache.read(half);
    if (kept) stale = true;
    return kept ?? ask(half);
  };
  // The core group comes first in every choice, so a word that it has needs no second request.
  const loadCore = () => (loaded.core ??= obtain('core'));
  const loadGroups = () => (loaded.groups ??= obtain('groups'));

  async function findFresh<Found>(look: () => Promise<Found | undefined>): Promise<Found | undefined> {
    const found = await look();
    if (found !== undefined || !stale) return found;
    discovery.forget();
    return look();
  }

  const discovery: Discovery = {
    async all() {
      const [first, rest] = await Promise.all([loadCore(), loadGroups()]);
      return [...first, ...rest];
    },
    async preferred() {
      return onlyPreferred(await discovery.all());
    },
    async find(word) {
      const found =
        findWord(WELL_KNOWN, word) ??
        (await findFresh(async () => findWord(await loadCore(), word) ?? findWord(await discovery.all(), word)));
      if (found) return found;
      throw new CommandError(`the server doesn't have a resource type ${JSON.stringify(word.split('.')[0])}`);
    },
    async expand(word) {
      const known = findWord(WELL_KNOWN, word);
      if (known) return [known];
      const members = (await discovery.preferred()).filter((resource) => resource.categories.includes(word));
      return members.length > 0 ? members : [await discovery.find(word)];
    },
    async findKind(version, kind) {
      const isMeant = (resource: Resource) => resource.kind === kind && apiVersion(resource) === version;
      const known = WELL_KNOWN.find(isMeant);
      if (known) return known;
      return findFresh(async () => (version.includes('/') ? await loadGroups() : await loadCore()).find(isMeant));
    },
    forget() {
      delete loaded.core;
      delete loaded.groups;
      stale = false;
      cache.clear();
    },
  };
  return discovery;
}

/**
 * client-go's RESTMapper: a name wins over a short name, an exact group over the beginning of one, the earlier
 * group over the later.
 */
function findWord(resources: readonly Resource[], word: string): Resource | undefined {
  const lower = word.toLowerCase();
  const dot = lower.indexOf('.');
  const name = dot < 0 ? lower : lower.slice(0, dot);
  const suffix = dot < 0 ? '' : lower.slice(dot + 1);
  const named = resources.filter((resource) => resource.name === name || resource.singular === name);
  const short = resources.filter((resource) => resource.shortNames.includes(name));
  for (const candidates of [named, short]) {
    const found = choose(candidates, suffix);
    if (found) return found;
  }
  return undefined;
}

function choose(candidates: readonly Resource[], suffix: string): Resource | undefined {
  if (suffix === '') return candidates[0];
  const versioned = candidates.find(
    (each) => suffix === (each.group === '' ? each.version : `${each.version}.${each.group}`),
  );
  return (
    versioned ??
    candidates.find((each) => each.group === suffix) ??
    candidates.find((each) => each.group.startsWith(suffix))
  );
}

function onlyPreferred(resources: readonly Resource[]): Resource[] {
  const seen = new Set<string>();
  return resources.filter((resource) => {
    const key = `${resource.group}/${resource.name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

async function load(client: Client, path: '/api' | '/apis'): Promise<Resource[]> {
  const answer = await client.json<AggregatedList>('GET', path, { accept: ACCEPT, query: { timeout: '32s' } });
  return answer.kind === 'APIGroupDiscoveryList' ? readAggregated(answer) : loadClassic(client, path, answer);
}

function readAggregated(list: AggregatedList): Resource[] {
  const resources: Resource[] = [];
  for (const item of list.items ?? []) {
    const group = item.metadata?.name ?? '';
    for (const { version, resources: listed = [] } of item.versions ?? []) {
      for (const each of listed) {
        const kind = each.responseKind?.kind ?? '';
        resources.push({
          group,
          version,
          name: each.resource,
          singular: each.singularResource || kind.toLowerCase(),
          kind,
          namespaced: each.scope === 'Namespaced',
          verbs: each.verbs ?? [],
          shortNames: each.shortNames ?? [],
          categories: each.categories ?? [],
        });
      }
    }
  }
  return resources;
}

/** Servers before 1.26 list groups and versions first. */
async function loadClassic(client: Client, path: string, answer: unknown): Promise<Resource[]> {
  const { versions, groups } = answer as {
    versions?: string[];
    groups?: { name: string; preferredVersion?: { version: string }; versions: { version: string }[] }[];
  };
  const wanted =
    path === '/api'
      ? (versions ?? []).map((version) => ({ group: '', version, url: `/api/${version}` }))
      : (groups ?? []).flatMap(({ name, preferredVersion, versions: offered }) =>
          [...offered]
            .sort(
              (a, b) =>
                Number(b.version === preferredVersion?.version) - Number(a.version === preferredVersion?.version),
            )
            .map(({ version }) => ({ group: name, version, url: `/apis/${name}/${version}` })),
        );
  const lists = await Promise.all(
    wanted.map(async ({ group, version, url }) => {
      const list = await client.json<{ resources?: ClassicResource[] }>('GET', url, { query: { timeout: '32s' } });
      return (list.resources ?? [])
        .filter((each) => !each.name.includes('/'))
        .map((each): Resource => ({
          group,
          version,
          name: each.name,
          singular: each.singularName || each.kind.toLowerCase(),
          kind: each.kind,
          namespaced: each.namespaced,
          verbs: each.verbs ?? [],
          shortNames: each.shortNames ?? [],
          categories: each.categories ?? [],
        }));
    }),
  );
  return lists.flat();
}
