import { isRecord, type ApiList, type ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { watch } from '../api/watch.ts';
import type { Command, Invocation } from '../command.ts';
import { createChangePrinter } from '../change.ts';
import { CommandError, isNotFound } from '../errors.ts';
import { ALL_NAMESPACES_FLAG, FIELD_SELECTOR_FLAG, fileFlags, OUTPUT_FLAGS, RESOURCE_FLAGS } from '../flag-sets.ts';
import { parseJsonPath, printValue, relaxedPath } from '../output/jsonpath.ts';
import { findTargets, forEachTarget, listTarget, type Target } from '../targets.ts';
import { waitUntilGone } from '../wait-gone.ts';

export const command: Command = {
  usage:
    "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  long: 'Waits until objects are in a state, or are gone.',
  examples: [
    ['Until a pod is ready', 'wait --for=condition=Ready pod/web'],
    ['Until a deployment is available', 'wait --for=condition=Available deployment/web --timeout=60s'],
    ['Until a field has a value', "wait --for=jsonpath='{.status.phase}'=Running pod/web"],
    ['Until a pod is gone', 'wait --for=delete pod/web'],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('that names the objects'),
    ...RESOURCE_FLAGS,
    ALL_NAMESPACES_FLAG,
    FIELD_SELECTOR_FLAG,
    { name: 'for', type: 'list', usage: "create, delete, condition=NAME[=VALUE] or jsonpath='{PATH}'[=VALUE]." },
    { name: 'timeout', type: 'duration', default: '30s', usage: 'How long to wait; 0 looks once, negative is a week.' },
  ],
  run,
};

/** Whether an object is in the state; the error that ends the waiting otherwise. */
type Test = (object: ApiObject) => boolean;

async function run(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const goal = parseGoal(flags.list('for'));
  const print = await createChangePrinter(invocation);
  const given = flags.duration('timeout');
  const timeoutMs = given < 0 ? WEEK_MS : given;
  if (goal === 'create') return waitForCreation(invocation, timeoutMs);
  const targets = await findTargets(invocation, {
    allNamespaces: flags.bool('all-namespaces'),
    allWhenNoName: false,
  });
  let seen = 0;
  await forEachTarget(targets, async (target) => {
    for (const each of await unfold(invocation, target, goal === 'delete')) {
      seen++;
      const object =
        goal === 'delete'
          ? await waitDeleted(invocation, each, timeoutMs)
          : await waitUntil(invocation, each, goal, timeoutMs);
      if (object) print(object, 'condition met');
    }
  });
  if (seen === 0 && goal !== 'delete') throw new CommandError('no matching resources found');
  return 0;
}

const WEEK_MS = 7 * 24 * 3600 * 1000;

/** kubectl/pkg/cmd/wait/wait.go, conditionFuncFor. */
function parseGoal(goals: readonly string[]): Test | 'delete' | 'create' {
  const [goal, ...more] = goals;
  if (goal === undefined || more.length > 0) throw new CommandError(`unrecognized condition: [${goals.join(' ')}]`);
  if (goal.toLowerCase() === 'delete') return 'delete';
  if (goal.toLowerCase() === 'create') return 'create';
  if (goal.startsWith('condition=')) return parseCondition(goal.slice('condition='.length));
  if (goal.startsWith('jsonpath=')) return parseField(goal.slice('jsonpath='.length));
  throw new CommandError(`unrecognized condition: ${JSON.stringify(goal)}`);
}

function parseCondition(text: string): Test {
  const equals = text.indexOf('=');
  const type = (equals < 0 ? text : text.slice(0, equals)).toLowerCase();
  const wanted = (equals < 0 ? 'true' : text.slice(equals + 1)).toLowerCase();
  return (object) => {
    const status = isRecord(object.status) ? object.status : {};
    const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : [];
    const condition = conditions.find((each) => String(each.type).toLowerCase() === type);
    if (!condition || String(condition.status).toLowerCase() !== wanted) return false;
    // A condition about an older generation says nothing about this one.
    const observed = condition.observedGeneration ?? status.observedGeneration;
    return typeof observed !== 'number' || observed >= (object.metadata?.generation ?? 0);
  };
}

function parseField(text: string): Test {
  const match = /^(\{.*?\}|'[^']*'|[^=]+?)(?:=(.*))?$/s.exec(text);
  const source = (match?.[1] ?? '').replace(/^'(.*)'$/, '$1');
  const wanted = match?.[2]?.replace(/^(["'])(.*)\1$/, '$2');
  if (source === '')
    throw new CommandError(
      `jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'`,
    );
  if (wanted === '')
    throw new CommandError(
      `jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3`,
    );
  const path = parseJsonPath(relaxedPath(source));
  return (object) => {
    const values = path.find(object).flat();
    if (values.length === 0) return false;
    if (values.length > 1) throw new CommandError('given jsonpath expression matches more than one value');
    const [value] = values;
    if (wanted === undefined) return value !== null && value !== '';
    if (typeof value === 'object')
      throw new CommandError('jsonpath leads to a nested object or list which is not supported');
    return printValue(value) === wanted;
  };
}

async function unfold(invocation: Invocation, target: Target, missingIsFine: boolean): Promise<Target[]> {
  if (target.name !== undefined) return [target];
  const objects = await listTarget(invocation, target).catch((error: unknown) => {
    if (missingIsFine && isNotFound(error)) return [];
    throw error;
  });
  return objects.map(({ metadata = {} }) => ({
    ...target,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
  }));
}

async function waitUntil(invocation: Invocation, target: Target, test: Test, timeoutMs: number): Promise<ApiObject> {
  const client = await invocation.session.client();
  const { resource, namespace, name = '' } = target;
  const path = resourcePath(resource, namespace);
  const first = await client.json<ApiObject>('GET', resourcePath(resource, namespace, name), {
    subject: { resource: resource.name, name },
  });
  if (test(first)) return first;
  const failure = new CommandError(`timed out waiting for the condition on ${resource.name}/${name}`);
  if (timeoutMs === 0) throw failure;
  const signal = AbortSignal.timeout(Math.min(timeoutMs, 2 ** 31 - 1));
  const fieldSelector = `metadata.name=${name}`;
  while (!signal.aborted) {
    const list = await client.json<ApiList>('GET', path, { query: { fieldSelector } });
    const [current] = list.items ?? [];
    if (current && test(withKind(current, first))) return withKind(current, first);
    const query = { fieldSelector, resourceVersion: list.metadata?.resourceVersion };
    for await (const event of watch<ApiObject>(client, path, query, { signal })) {
      if (event.type === 'DELETED') throw new CommandError('condition not met: object was deleted while waiting');
      if (event.type !== 'BOOKMARK' && test(event.object)) return event.object;
    }
  }
  throw failure;
}

async function waitDeleted(invocation: Invocation, target: Target, timeoutMs: number): Promise<ApiObject | null> {
  const client = await invocation.session.client();
  const { resource, namespace, name = '' } = target;
  let object: ApiObject;
  try {
    object = await client.json<ApiObject>('GET', resourcePath(resource, namespace, name));
  } catch (error) {
    // Gone already: upstream says nothing then.
    if (isNotFound(error)) return null;
    throw error;
  }
  if (await waitUntilGone(client, { target, uid: object.metadata?.uid }, Math.max(timeoutMs, 1))) return object;
  throw new CommandError(`timed out waiting for the condition on ${resource.name}/${name}`);
}

/** How often a name that does not exist is looked for. */
const CREATION_POLL_MS = 250;

async function waitForCreation(invocation: Invocation, timeoutMs: number): Promise<number> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const targets = await findTargets(invocation);
      const print = await createChangePrinter(invocation);
      const found = (await Promise.all(targets.map((target) => listTarget(invocation, target)))).flat();
      if (found.length > 0) {
        for (const object of found) print(object, 'condition met');
        return 0;
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (Date.now() >= deadline) throw new CommandError('timed out waiting for the condition');
    await new Promise((resolve) => setTimeout(resolve, CREATION_POLL_MS));
  }
}

function withKind(object: ApiObject, like: ApiObject): ApiObject {
  return { apiVersion: like.apiVersion, kind: like.kind, ...object };
}
