/** The verbs on objects: get, list, create, update, patch, delete, deletecollection; watches are in `watch.ts`. */
import { badRequest, methodNotAllowed, notFound } from '../objects/api-error.ts';
import { applyManaged, trackUpdate } from '../objects/managed-fields.ts';
import { equalJson, isJsonObject, type JsonObject } from '../objects/json.ts';
import { apiVersionOf, resourceKeyOf, storeKeyOf, type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { type ObjectStore } from '../objects/store.ts';
import { type ObjectWriter, type RemoveOptions } from '../objects/writer.ts';
import { messageOf } from '../objects/schema/schemas.ts';
import { type KindRegistry } from '../objects/kinds/registry.ts';
import { decodeBody, parseBody, parseFieldValidation, parseYaml } from './body.ts';
import { APPLY_PATCH, checkPatchType, patchJson, patchObject } from './patch-request.ts';
import { flag, integer } from './request.ts';
import { renderScale, withScale } from './scale.ts';
import { parseSelection } from './selection.ts';
import { inVersion } from './watch.ts';

export interface ResourceDeps {
  store: ObjectStore;
  writer: ObjectWriter;
  kinds: KindRegistry;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A request for objects of one kind, its body read. */
export interface ResourceCall {
  kind: Kind;
  version: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
  query: URLSearchParams;
  contentType: string;
  /** Name under which field ownership is kept. */
  manager: string;
  body: Buffer;
  warn(text: string): void;
}

/** What to answer: an object, a list, or something that is no object of the kind. */
export type ResourceResult =
  | { form: 'object'; status: number; object: KubernetesObject }
  | ListResult
  | { form: 'plain'; status: number; body: unknown };

export interface ListResult {
  form: 'list';
  objects: readonly KubernetesObject[];
  metadata: JsonObject;
}

const nameOf = (kind: Kind) => ({ plural: kind.plural, group: kind.group });

/** @throws ApiError */
export function getObject({ store }: ResourceDeps, call: ResourceCall): ResourceResult {
  const { kind, namespace, name = '', subresource } = call;
  const object = store.get(storeKeyOf(kind), namespace, name);
  if (!object) throw notFound(nameOf(kind), name);
  if (subresource === 'scale') return { form: 'plain', status: 200, body: renderScale(object, kind) };
  return { form: 'object', status: 200, object: inVersion(object, kind, call.version) };
}

interface ContinueToken {
  /** Revision of the first page. */
  rv: string;
  /** Namespace and name of the last object sent. */
  after: [string, string];
}

/** @throws ApiError */
export function listObjects({ store }: ResourceDeps, call: ResourceCall): ListResult {
  const { kind, version, namespace, query } = call;
  const selection = parseSelection(kind, namespace, undefined, query);
  let objects = store.list(storeKeyOf(kind)).filter(selection);
  let resourceVersion = String(store.revision);
  const token = query.get('continue');
  if (token) {
    const { rv, after } = readToken(token);
    resourceVersion = rv;
    objects = objects.filter(({ metadata }) => {
      const own = metadata.namespace ?? '';
      return own > after[0] || (own === after[0] && metadata.name > after[1]);
    });
  }
  const limit = integer(query, 'limit') ?? 0;
  const metadata: JsonObject = { resourceVersion };
  if (limit > 0 && objects.length > limit) {
    const last = objects[limit - 1] as KubernetesObject;
    const next: ContinueToken = { rv: resourceVersion, after: [last.metadata.namespace ?? '', last.metadata.name] };
    metadata.continue = Buffer.from(JSON.stringify(next)).toString('base64url');
    metadata.remainingItemCount = objects.length - limit;
    objects = objects.slice(0, limit);
  }
  return { form: 'list', objects: objects.map((object) => inVersion(object, kind, version)), metadata };
}

function readToken(token: string): ContinueToken {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (isJsonObject(value) && typeof value.rv === 'string' && Array.isArray(value.after)) {
      return { rv: value.rv, after: [String(value.after[0]), String(value.after[1])] };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest('continue key is not valid');
}

/** @throws ApiError */
export function createObject(deps: ResourceDeps, call: ResourceCall): ResourceResult {
  const { kind, version, query } = call;
  const { object, warnings } = decodeBody(
    parseBody(call.body, call.contentType, deps.kinds),
    kind,
    version,
    parseFieldValidation(query),
  );
  for (const warning of warnings) call.warn(warning);
  setNamespace(object, call);
  trackUpdate(undefined, object, messageOf(kind.message), {
    manager: call.manager,
    apiVersion: object.apiVersion,
    now: deps.now(),
  });
  const created = deps.writer.create(kind, object, { dryRun: isDryRun(query), warn: call.warn });
  return { form: 'object', status: 201, object: inVersion(created, kind, version) };
}

function setNamespace(object: KubernetesObject, { kind, namespace }: ResourceCall): void {
  if (!kind.namespaced) return;
  const given = object.metadata.namespace;
  if (given && namespace && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (namespace) object.metadata.namespace = namespace;
}

function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter(Boolean);
  if (values.some((value) => value !== 'All')) {
    throw badRequest(
      `dryRun: Unsupported value: ${JSON.stringify(values.find((value) => value !== 'All'))}: supported values: "All"`,
    );
  }
  return values.length > 0;
}

function checkSubresource({ kind, subresource }: ResourceCall): 'status' | 'scale' | 'ephemeralcontainers' | undefined {
  if (subresource === undefined) return undefined;
  if (subresource === 'ephemeralcontainers' && kind.kind === 'Pod') return subresource;
  if (subresource === 'status' && kind.status) return 'status';
  if (subresource === 'scale' && kind.scale) return 'scale';
  throw methodNotAllowed(nameOf(kind));
}

/** PUT. @throws ApiError */
export function replaceObject(deps: ResourceDeps, call: ResourceCall): ResourceResult {
  const { kind, version, query, name = '' } = call;
  const resource = resourceKeyOf(kind);
  const old = deps.store.get(resource, call.namespace, name);
  const dryRun = isDryRun(query);
  if (call.subresource === 'finalize' && kind.kind === 'Namespace') return finalizeNamespace(deps, call);
  const subresource = checkSubresource(call);
  if (subresource === 'scale') {
    if (!old) throw notFound(nameOf(kind), name);
    const { value } = parseBody(call.body, call.contentType, deps.kinds);
    const updated = deps.writer.update(kind, withScale(old, value, kind), { dryRun });
    return { form: 'plain', status: 200, body: renderScale(updated, kind) };
  }
  const { object, warnings } = decodeBody(
    parseBody(call.body, call.contentType, deps.kinds),
    kind,
    version,
    parseFieldValidation(query),
  );
  for (const warning of warnings) call.warn(warning);
  if (object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
  }
  setNamespace(object, call);
  if (!old) throw notFound(nameOf(kind), name);
  object.metadata.managedFields ??= old.metadata.managedFields;
  trackUpdate(old, object, messageOf(kind.message), {
    manager: call.manager,
    apiVersion: object.apiVersion,
    subresource,
    now: deps.now(),
  });
  const updated = deps.writer.update(kind, object, { dryRun, subresource, warn: call.warn });
  return { form: 'object', status: 200, object: inVersion(updated, kind, version) };
}

/** The last step of deleting a namespace, when clients take it themselves. */
function finalizeNamespace(deps: ResourceDeps, call: ResourceCall): ResourceResult {
  const { value } = parseBody(call.body, call.contentType, deps.kinds);
  const old = deps.store.get('namespaces', undefined, call.name ?? '');
  if (!old) throw notFound(nameOf(call.kind), call.name ?? '');
  const finalizers = (value.spec as { finalizers?: unknown } | undefined)?.finalizers;
  const draft = {
    ...old,
    spec: { ...(old.spec as JsonObject), finalizers: Array.isArray(finalizers) ? finalizers : [] },
  };
  const gone = old.metadata.deletionTimestamp !== undefined && draft.spec.finalizers.length === 0;
  const result = gone ? deps.store.remove('namespaces', draft) : deps.store.replace('namespaces', draft);
  return { form: 'object', status: 200, object: result };
}

/** PATCH in any of its forms; server-side apply creates what is not there. @throws ApiError */
export function patchExisting(deps: ResourceDeps, call: ResourceCall): ResourceResult {
  const { kind, version, query, name = '' } = call;
  const type = call.contentType.split(';')[0]?.trim() ?? '';
  checkPatchType(kind, type);
  const dryRun = isDryRun(query);
  const subresource = checkSubresource(call);
  const old = deps.store.get(resourceKeyOf(kind), call.namespace, name);
  if (type === APPLY_PATCH && subresource !== 'scale') return applyObject(deps, call, old);
  if (!old) throw notFound(nameOf(kind), name);
  if (subresource === 'scale') {
    const scale = patchJson(renderScale(old, kind), { type, body: call.body }, messageOf('autoscaling.Scale'));
    const draft = withScale(old, scale, kind);
    const updated = deps.writer.update(kind, draft, { dryRun });
    return { form: 'plain', status: 200, body: renderScale(updated, kind) };
  }
  const before = inVersion(old, kind, version);
  const { object, warnings } = patchObject(kind, before, { type, body: call.body }, parseFieldValidation(query));
  for (const warning of warnings) call.warn(warning);
  checkIdentity(object, old, call);
  // A patch that leaves the resourceVersion alone applies to whatever is there now.
  if (!equalJson(before, object)) {
    trackUpdate(old, object, messageOf(kind.message), {
      manager: call.manager,
      apiVersion: apiVersionOf(kind, version),
      subresource,
      now: deps.now(),
    });
  }
  const updated = deps.writer.update(kind, object, { dryRun, subresource, warn: call.warn });
  return { form: 'object', status: 200, object: inVersion(updated, kind, version) };
}

function checkIdentity(object: KubernetesObject, old: KubernetesObject, { name, namespace }: ResourceCall): void {
  if (object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
  }
  if ((object.metadata.namespace ?? namespace) !== old.metadata.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Server-side apply. */
function applyObject(deps: ResourceDeps, call: ResourceCall, old: KubernetesObject | undefined): ResourceResult {
  const { kind, version, query, name = '' } = call;
  if (!query.get('fieldManager')) {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  const parsed = parseYaml(call.body.toString());
  if (!isJsonObject(parsed)) throw badRequest('error decoding YAML: the patch holds no object');
  const { object, warnings } = decodeBody({ value: parsed, strict: [] }, kind, version, parseFieldValidation(query));
  for (const warning of warnings) call.warn(warning);
  object.metadata.name ||= name;
  setNamespace(object, call);
  if (object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
  }
  const message = messageOf(kind.message);
  const merged = applyManaged(old, object, message, {
    manager: call.manager,
    apiVersion: apiVersionOf(kind, version),
    force: flag(query, 'force'),
    now: deps.now(),
  });
  const dryRun = isDryRun(query);
  const options = { dryRun, warn: call.warn };
  const result = old ? deps.writer.update(kind, merged, options) : deps.writer.create(kind, merged, options);
  return { form: 'object', status: old ? 200 : 201, object: inVersion(result, kind, version) };
}

/** @throws ApiError */
export function deleteObject(deps: ResourceDeps, call: ResourceCall): ResourceResult {
  const { kind, namespace, name = '', version } = call;
  const { object, gone } = deps.writer.remove(kind, namespace, name, removeOptions(call, deps.kinds));
  if (gone && kind.kind !== 'Pod') {
    const { plural, group } = kind;
    const details = { name, ...(group ? { group } : {}), kind: plural, uid: object.metadata.uid };
    return {
      form: 'plain',
      status: 200,
      body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details },
    };
  }
  return { form: 'object', status: 200, object: inVersion(object, kind, version) };
}

/** @throws ApiError */
export function deleteCollection(deps: ResourceDeps, call: ResourceCall): ResourceResult {
  const { kind, namespace, query } = call;
  const selection = parseSelection(kind, namespace, undefined, query);
  const options = removeOptions(call, deps.kinds);
  const selected = deps.store.list(resourceKeyOf(kind)).filter(selection);
  for (const object of selected) {
    // A listener may have removed it meanwhile: deleting one thing deletes what belongs to it.
    if (!deps.store.get(resourceKeyOf(kind), object.metadata.namespace, object.metadata.name)) continue;
    deps.writer.remove(kind, object.metadata.namespace, object.metadata.name, options);
  }
  return { form: 'list', objects: selected, metadata: { resourceVersion: String(deps.store.revision) } };
}

function removeOptions({ query, body, contentType }: ResourceCall, kinds: KindRegistry): RemoveOptions {
  const given = body.length > 0 ? (parseBody(body, contentType, kinds).value as JsonObject) : {};
  const grace = integer(query, 'gracePeriodSeconds') ?? given.gracePeriodSeconds;
  const propagation = query.get('propagationPolicy') ?? given.propagationPolicy;
  const orphan = flag(query, 'orphanDependents') || given.orphanDependents === true;
  const dryRuns = Array.isArray(given.dryRun) && given.dryRun.includes('All');
  return {
    dryRun: isDryRun(query) || dryRuns,
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(propagation === 'Foreground' || propagation === 'Background' || propagation === 'Orphan'
      ? { propagationPolicy: propagation }
      : orphan
        ? { propagationPolicy: 'Orphan' }
        : {}),
    ...(isJsonObject(given.preconditions) ? { preconditions: given.preconditions } : {}),
  };
}

/** POST to pods/binding or pods/eviction. @throws ApiError */
export function evictPod(deps: ResourceDeps, call: ResourceCall): ResourceResult {
  const { kind, namespace, name = '' } = call;
  if (!deps.store.get('pods', namespace, name)) throw notFound(nameOf(kind), name);
  const { value } = parseBody(call.body, call.contentType, deps.kinds);
  const options = (value.deleteOptions ?? {}) as { gracePeriodSeconds?: number };
  deps.writer.remove(kind, namespace, name, {
    dryRun: isDryRun(call.query),
    ...(typeof options.gracePeriodSeconds === 'number' ? { gracePeriodSeconds: options.gracePeriodSeconds } : {}),
  });
  return {
    form: 'plain',
    status: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  };
}
