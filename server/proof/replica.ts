import { isDeepStrictEqual } from 'node:util';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubernetesObject } from '../../cluster/index.ts';
import type { EmbeddedEnvironment } from '../session/embedded-environment.ts';
import { collectionPath, type Found, keyOf, listObjects, type Objects, wishOf } from './cluster-objects.ts';
import { copyFolder } from './copy-folder.ts';
import type { SkipClock } from './skip-clock.ts';
import { KUBECONFIG, type Snapshot } from './snapshot.ts';

/** Time for controllers and sidecars to follow a change. Milliseconds of the cluster. */
const FOLLOW_MS = 3_000;
/** How long workloads may take until they are as they were: a grace period, then a start. */
const READY_MS = 180_000;
/** A namespace, what is in it, and what its deletion takes along: three would do. */
const ROUNDS = 6;

/** What could not be put back. */
export class RestoreError extends Error {
  override name = 'RestoreError';
}

/**
 * An environment that can be put back to any moment of another one of the same lesson. It goes through the API as any
 * client would, so that controllers see what happens.
 */
export class Replica {
  readonly environment: EmbeddedEnvironment;
  readonly clock: SkipClock;
  /** Resource and name of objects that hold what each cluster makes for itself, such as certificates. */
  readonly #own = new Set<string>();

  constructor(environment: EmbeddedEnvironment, clock: SkipClock) {
    this.environment = environment;
    this.clock = clock;
  }

  /** @param start the other environment before its first command. */
  async settle(start: Snapshot): Promise<void> {
    // A cluster comes to life with the first question.
    listObjects(this.environment.cluster);
    await this.clock.skip(FOLLOW_MS);
    const mine = listObjects(this.environment.cluster);
    for (const key of new Set([...mine.keys(), ...start.objects.keys()])) {
      const [left, right] = [mine.get(key), start.objects.get(key)];
      if (left && right && isDeepStrictEqual(wishOf(left.object), wishOf(right.object))) continue;
      this.#own.add(ownName((left ?? right)!));
    }
  }

  /** @throws RestoreError when the cluster cannot be brought there. */
  async restore(snapshot: Snapshot): Promise<void> {
    await this.restoreHome(snapshot);
    await this.restoreObjects(snapshot.objects);
  }

  async restoreHome({ home, apiUrl }: Snapshot): Promise<void> {
    const target = this.environment.home;
    await rm(target, { recursive: true, force: true });
    await copyFolder(home, target);
    const file = join(target, KUBECONFIG);
    const config = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      // The lesson, or a learner, may do without.
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (config !== null) await writeFile(file, config.replaceAll(apiUrl, this.environment.apiUrl));
  }

  async restoreObjects(wanted: Objects): Promise<void> {
    let left: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      left = await this.#approach(wanted);
      if (left.length === 0) break;
      await this.clock.skip(FOLLOW_MS);
    }
    if (left.length > 0) throw new RestoreError(`these objects are not as they were: ${left.join(', ')}`);
    await this.#waitUntilReady(wanted);
  }

  async dispose(): Promise<void> {
    await this.environment.dispose();
    this.clock.dispose();
  }

  /** Stores the object in place of the one of its name. @returns what the API says against it, null when nothing. */
  async put(found: Found): Promise<string | null> {
    const path = `${collectionPath(found)}/${found.object.metadata.name}`;
    return this.#send('PUT', path, found.object);
  }

  /** One step towards `wanted`. @returns what it changed. */
  async #approach(wanted: Objects): Promise<string[]> {
    const current = listObjects(this.environment.cluster);
    const changed: string[] = [];
    for (const [key, found] of current) {
      if (wanted.has(key) || this.#own.has(ownName(found))) continue;
      changed.push(key);
      // What is on its way out already, or goes with its namespace, needs no push.
      const { namespace, deletionTimestamp } = found.object.metadata;
      if (deletionTimestamp || (namespace !== undefined && !wanted.has(`namespaces  ${namespace}`))) continue;
      await this.#delete(found);
    }
    for (const found of inOrder(wanted)) {
      if (this.#own.has(ownName(found))) continue;
      const key = keyOf(found.resource, found.object);
      const present = current.get(key);
      const wish = wishOf(found.object);
      if (present && !present.object.metadata.deletionTimestamp && isDeepStrictEqual(wishOf(present.object), wish)) {
        continue;
      }
      changed.push(key);
      if (present?.object.metadata.deletionTimestamp) continue;
      if (present && (await this.#replace(found, wish, present.object))) continue;
      if (present) await this.#delete(found);
      else await this.#send('POST', collectionPath(found), wish);
    }
    return changed;
  }

  /** @returns false when the API does not let it be changed into the wish. */
  async #replace(found: Found, wish: KubernetesObject, present: KubernetesObject): Promise<boolean> {
    if (wish.kind === 'Pod' && !isDeepStrictEqual(wishOf(present).spec, wish.spec)) return false;
    return (await this.put({ ...found, object: withGiven(wish, present) })) === null;
  }

  async #delete(found: Found): Promise<void> {
    // A pod that was asked to stop keeps its name until it has.
    await this.#send('DELETE', `${collectionPath(found)}/${found.object.metadata.name}?gracePeriodSeconds=0`);
  }

  async #send(method: string, path: string, body?: object): Promise<string | null> {
    const response = await fetch(`${this.environment.apiUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { message?: string };
    return response.ok ? null : (answer.message ?? response.statusText);
  }

  async #waitUntilReady(wanted: Objects): Promise<void> {
    let waiting: string[] = [];
    for (let waited = 0, step = 250; waited < READY_MS; waited += step, step = Math.min(step * 2, 10_000)) {
      waiting = this.#unready(wanted);
      if (waiting.length === 0) return;
      await this.clock.skip(step);
    }
    throw new RestoreError(`these are not as ready as they were: ${waiting.join(', ')}`);
  }

  #unready(wanted: Objects): string[] {
    const { cluster } = this.environment;
    const unready: string[] = [];
    for (const { resource, object } of wanted.values()) {
      const present = cluster.get(resource, object.metadata.namespace, object.metadata.name);
      if (!present || !isAsReady(present, object)) unready.push(keyOf(resource, object));
    }
    for (const pod of cluster.list('pods')) {
      if (pod.metadata.deletionTimestamp) unready.push(keyOf('pods', pod));
    }
    return unready;
  }
}

function ownName({ resource, object }: Found): string {
  return `${resource} ${object.metadata.name}`;
}

/** What others need comes first. */
function inOrder(objects: Objects): Found[] {
  const rank = ({ resource }: Found) =>
    resource === 'namespaces' || resource.startsWith('customresourcedefinitions') ? 0 : resource === 'pods' ? 2 : 1;
  return [...objects.values()].sort((a, b) => rank(a) - rank(b));
}

/** The wish with what this cluster has given out for it, which it does not take away again. */
function withGiven(wish: KubernetesObject, present: KubernetesObject): KubernetesObject {
  if (wish.kind === 'Pod') return { ...wish, spec: present.spec };
  if (wish.kind !== 'Service') return wish;
  const { clusterIP, clusterIPs } = present.spec as { clusterIP?: string; clusterIPs?: string[] };
  const given = clusterIP === undefined ? {} : { clusterIP, clusterIPs };
  return { ...wish, spec: { ...given, ...(wish.spec as object) } };
}

/** Whether a workload is as far as it was: a moment is often taken while something still starts. */
function isAsReady(present: KubernetesObject, wanted: KubernetesObject): boolean {
  const [now, then] = [present.status ?? {}, wanted.status ?? {}] as Record<string, unknown>[];
  const phase = then?.phase;
  if (phase !== undefined && phase !== 'Pending' && phase !== now?.phase) return false;
  return COUNTS.every((count) => Number(now?.[count] ?? 0) >= Number(then?.[count] ?? 0));
}

const COUNTS = ['readyReplicas', 'numberReady', 'succeeded'];
