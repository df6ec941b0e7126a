import type { Client } from './api/client.ts';
import type { ApiList, ApiObject } from './api/object.ts';
import { describeResource, resourcePath, type Resource } from './api/resource.ts';
import { CommandError, ConnectionError, isNotFound, ManyErrors, PlainError, StatusError } from './errors.ts';
import type { Invocation } from './command.ts';
import type { Io } from './io.ts';
import { readManifests, type Manifest } from './manifests.ts';

/** How often upstream's builder asks for the kinds before it gives up; measured with kubectl 1.36. */
export const LOOKUPS = 4;

/** An object that a command line names, or a collection when it names none. */
export interface Target {
  resource: Resource;
  /** '' for cluster-wide resources, and for all namespaces. */
  namespace: string;
  /** Undefined: all objects that the selectors choose. */
  name: string | undefined;
  /** The file's content, when the target comes from one. */
  object?: ApiObject;
  source?: string;
}

export interface TargetOptions {
  /** A type without names stands for all its objects, as in `get pods`. */
  allWhenNoName?: boolean;
  allNamespaces?: boolean;
  /** Take only the first argument as words, so that `label pod a k=v` can keep the rest. */
  words?: readonly string[];
  /** `--selector` means something else for this command. */
  ignoreSelector?: boolean;
}

const NOTHING_GIVEN = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

/**
 * The targets of a command line: `TYPE NAME…`, `TYPE/NAME …`, `TYPE,TYPE`, or the objects of files.
 * cli-runtime, resource/builder.go.
 */
export async function findTargets(invocation: Invocation, options: TargetOptions = {}): Promise<Target[]> {
  const { flags } = invocation;
  const words = options.words ?? invocation.args;
  const files = flags.has('filename') ? flags.list('filename') : [];
  const kustomization = flags.has('kustomize') ? flags.string('kustomize') : '';
  if (kustomization !== '' && files.length > 0) throw new CommandError('only one of -f or -k can be specified');
  if (files.length > 0 || kustomization !== '') {
    if (words.length > 0)
      throw new CommandError(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      );
    return fileTargets(invocation, files, kustomization);
  }
  const selector = flags.has('selector') && !options.ignoreSelector ? flags.string('selector') : '';
  const fieldSelector = flags.has('field-selector') ? flags.string('field-selector') : '';
  const all = flags.has('all') && flags.bool('all');
  if (all && (selector !== '' || fieldSelector !== '')) {
    throw new CommandError("setting 'all' parameter but found a non empty selector. ");
  }
  if (words.length === 0) {
    if (selector !== '' || fieldSelector !== '' || all)
      throw new CommandError('at least one resource must be specified to use a selector');
    throw new CommandError(NOTHING_GIVEN);
  }

  const namespace = (await invocation.session.namespace()).name;
  const pairs = splitPairs(invocation.program, words);
  const selecting = selector !== '' || fieldSelector !== '' || all;
  invocation.session.lookups = LOOKUPS + (pairs ? 0 : (words[0] ?? '').split(',').length);
  if (pairs) {
    if (selecting) throw new CommandError('name cannot be provided when a selector is specified');
    return Promise.all(pairs.map(([word, name]) => named(invocation, word, name, namespace, options)));
  }
  const [types = '', ...names] = words;
  const resources = await findResources(
    invocation,
    types.split(',').filter((each) => each !== ''),
  );
  if (names.length > 0) {
    if (selecting) throw new CommandError('name cannot be provided when a selector is specified');
    if (options.allNamespaces) throw new CommandError('a resource cannot be retrieved by name across all namespaces');
    return resources.flatMap((resource) => names.map((name) => target(resource, namespace, name)));
  }
  if (!selecting && !options.allWhenNoName)
    throw new CommandError('resource(s) were provided, but no name was specified');
  return resources.map((resource) => target(resource, options.allNamespaces ? '' : namespace, undefined));
}

async function named({ session }: Invocation, word: string, name: string, namespace: string, options: TargetOptions) {
  if (options.allNamespaces) throw new CommandError('a resource cannot be retrieved by name across all namespaces');
  return target(await (await session.discovery()).find(word), namespace, name);
}

function target(resource: Resource, namespace: string, name: string | undefined): Target {
  return { resource, namespace: resource.namespaced ? namespace : '', name };
}

/** `pod/a svc/b` as pairs; null when no word has a slash. */
export function splitPairs(program: string, words: readonly string[]): [type: string, name: string][] | null {
  const slashes = words.filter((word) => word.includes('/')).length;
  if (slashes === 0) return null;
  if (slashes < words.length) {
    throw new CommandError(
      `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. '${program} get resource/<resource_name>' instead of '${program} get resource resource/<resource_name>'`,
    );
  }
  return words.map((word) => {
    const parts = word.split('/');
    if (parts.length !== 2) throw new CommandError('arguments in resource/name form may not have more than one slash');
    const [type = '', name = ''] = parts;
    if (type === '' || name === '')
      throw new CommandError('arguments in resource/name form must have a single resource and name');
    return [type, name];
  });
}

/** Types of a comma list, categories such as `all` unfolded. */
async function findResources({ session }: Invocation, words: readonly string[]): Promise<Resource[]> {
  const discovery = await session.discovery();
  const found: Resource[] = [];
  for (const word of words) found.push(...(await discovery.expand(word)));
  return found.filter((resource, index) => found.indexOf(resource) === index);
}

async function fileTargets(invocation: Invocation, files: readonly string[], kustomization: string): Promise<Target[]> {
  const recursive = invocation.flags.has('recursive') && invocation.flags.bool('recursive');
  const errors: unknown[] = [];
  const manifests =
    kustomization === ''
      ? await readManifests(files, recursive, invocation.io, errors)
      : await readKustomization(kustomization, invocation.io);
  const targets: Target[] = [];
  for (const manifest of manifests) {
    try {
      targets.push(await manifestTarget(invocation, manifest.object, manifest.source));
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      errors.push(error);
    }
  }
  // What can be done is done first; see finish().
  if (errors.length > 0) pending.set(targets, errors);
  return targets;
}

async function readKustomization(folder: string, io: Io): Promise<Manifest[]> {
  const { buildKustomization } = await import('./kustomize/build.ts');
  return (await buildKustomization(folder, io)).map((object) => ({ object, source: folder }));
}

/** Errors of objects that are no targets, to be reported when the others are done. */
const pending = new WeakMap<Target[], unknown[]>();

/** What is wrong with objects that are no targets: for those who do not walk with {@link forEachTarget}. */
export function pendingErrors(targets: Target[]): readonly unknown[] {
  return pending.get(targets) ?? [];
}

/** Finds where an object of a file belongs. @throws when its kind is unknown or its namespace contradicts `-n`. */
export async function manifestTarget(invocation: Invocation, object: ApiObject, source: string): Promise<Target> {
  const { session } = invocation;
  const { apiVersion, kind, metadata = {} } = object;
  if (!kind || !apiVersion) {
    const problems = [...(apiVersion ? [] : ['apiVersion not set']), ...(kind ? [] : ['kind not set'])];
    const problem = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
    throw new CommandError(
      `error validating ${JSON.stringify(source)}: error validating data: ${problem}; if you choose to ignore these errors, turn validation off with --validate=false`,
    );
  }
  const resource = await (await session.discovery()).findKind(apiVersion, kind);
  if (!resource) {
    throw new CommandError(
      `resource mapping not found for name: ${JSON.stringify(metadata.name ?? '')} namespace: ${JSON.stringify(metadata.namespace ?? '')} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}\nensure CRDs are installed first`,
    );
  }
  if (!resource.namespaced) return { resource, namespace: '', name: metadata.name, object, source };
  const wanted = await session.namespace();
  if (wanted.explicit && metadata.namespace && metadata.namespace !== wanted.name) {
    throw new PlainError(
      `the namespace from the provided object ${JSON.stringify(metadata.namespace)} does not match the namespace ${JSON.stringify(wanted.name)}. You must pass '--namespace=${metadata.namespace}' to perform this operation.`,
    );
  }
  const namespace = metadata.namespace || wanted.name;
  const placed = { ...object, metadata: { ...metadata, namespace } };
  return { resource, namespace, name: metadata.name, object: placed, source };
}

/**
 * Does something with each target, the rest also after one has failed.
 * @throws the errors, all at once, when the last one is done.
 */
export async function forEachTarget(targets: Target[], visit: (target: Target) => Promise<void>): Promise<void> {
  const errors: unknown[] = [...(pending.get(targets) ?? [])];
  for (const each of targets) {
    try {
      await visit(each);
    } catch (error) {
      // Without a server the next one fails the same way.
      if (error instanceof ConnectionError) throw error;
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new ManyErrors(errors);
}

/** The object of a target as the server has it. */
export async function getTarget({ session }: Invocation, target: Target, subresource?: string): Promise<ApiObject> {
  const client = await session.client();
  const { resource, namespace, name } = target;
  return client
    .json<ApiObject>('GET', resourcePath(resource, namespace, name ?? '', subresource), {
      subject: { resource: resource.name, name: name ?? '' },
    })
    .catch((error: unknown) => explainNamespace(client, namespace, error));
}

/** Where an object is not there, its namespace may not be, either. cli-runtime, resource/visitor.go, Info.Get. */
export async function explainNamespace(client: Client, namespace: string, error: unknown): Promise<never> {
  if (!isNotFound(error) || namespace === '' || namespace === 'default') throw error;
  await client.text('GET', `/api/v1/namespaces/${encodeURIComponent(namespace)}`, {
    subject: { resource: 'namespaces', name: namespace },
  });
  throw error;
}

/** The objects of a target: itself, or those that the selectors choose. */
export async function listTarget(invocation: Invocation, target: Target): Promise<ApiObject[]> {
  if (target.name !== undefined) return [await getTarget(invocation, target)];
  const { flags, session } = invocation;
  const client = await session.client();
  const query = selectorQuery(invocation);
  const limit = flags.has('chunk-size') && flags.int('chunk-size') > 0 ? flags.int('chunk-size') : undefined;
  const items: ApiObject[] = [];
  let next: string | undefined;
  do {
    const page: ApiList = await explainList(target, query, () =>
      client.json<ApiList>('GET', resourcePath(target.resource, target.namespace), {
        query: { ...query, limit, continue: next },
        subject: { resource: target.resource.name },
      }),
    );
    const { apiVersion, kind = '' } = page;
    for (const item of page.items ?? []) items.push({ apiVersion, kind: kind.replace(/List$/, ''), ...item });
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return items;
}

export interface SelectorQuery extends Record<string, string | undefined> {
  labelSelector?: string;
  fieldSelector?: string;
}

export function selectorQuery({ flags }: Invocation): SelectorQuery {
  return {
    labelSelector: (flags.has('selector') && flags.string('selector')) || undefined,
    fieldSelector: (flags.has('field-selector') && flags.string('field-selector')) || undefined,
  };
}

/** cli-runtime, resource/selector.go: which list failed is put before the server's words. */
export async function explainList<Answer>(
  target: Target,
  query: SelectorQuery,
  list: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof StatusError) || !['BadRequest', 'NotFound'].includes(error.reason)) throw error;
    const resource = JSON.stringify(describeResource(target.resource));
    const { labelSelector = '', fieldSelector = '' } = query;
    const what =
      labelSelector === '' && fieldSelector === ''
        ? `Unable to list ${resource}`
        : `Unable to find ${resource} that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`;
    throw new StatusError({ ...error.status, message: `${what}: ${error.status.message ?? ''}` });
  }
}
