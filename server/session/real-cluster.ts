import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { UserError } from '../errors.ts';

/** A cluster outside of this process, as the KUBECONFIG of the server's environment knows it. */
export interface RealCluster {
  /** Name of the context. */
  context: string;
  /** URL of its API server. */
  server: string;
  /** Name of the user in the kubeconfig; whatever that user may do, the learner may. */
  user: string;
  /** A kubeconfig for it alone, whole in one file. @param namespace that commands work in */
  kubeconfig(namespace: string): string;
}

type Fields = Record<string, unknown>;

interface Named {
  name: string;
  value: Fields;
  /** Folder of the file, which relative paths in it start from. */
  folder: string;
}

/**
 * @param context its current one when left out.
 * @throws UserError KUBECONFIG_UNUSABLE
 */
export async function loadRealCluster(env: NodeJS.ProcessEnv, context?: string): Promise<RealCluster> {
  const files = (env.KUBECONFIG || join(homedir(), '.kube', 'config')).split(delimiter).filter(Boolean);
  const [contexts, clusters, users]: [Named[], Named[], Named[]] = [[], [], []];
  let current = '';
  for (const file of files) {
    const content = await readConfig(file);
    if (content === undefined) continue;
    const folder = dirname(resolve(file));
    // The first file that has a name keeps it, as kubectl does.
    const take = (list: Named[], items: unknown, part: string) => {
      for (const item of Array.isArray(items) ? (items as Fields[]) : []) {
        const name = String(item.name);
        if (!list.some((known) => known.name === name))
          list.push({ name, value: (item[part] ?? {}) as Fields, folder });
      }
    };
    take(contexts, content.contexts, 'context');
    take(clusters, content.clusters, 'cluster');
    take(users, content.users, 'user');
    current ||= typeof content['current-context'] === 'string' ? content['current-context'] : '';
  }
  const name = context ?? current;
  const where = files.join(delimiter);
  if (name === '') fail(`${where} has no current context. Choose one with kubectl config use-context NAME.`);
  const chosen = contexts.find((each) => each.name === name);
  if (!chosen) {
    const known = contexts.map((each) => each.name).join(', ') || 'none';
    fail(`${where} has no context "${name}". It has: ${known}.`);
  }
  const cluster = clusters.find((each) => each.name === chosen.value.cluster);
  const user = users.find((each) => each.name === chosen.value.user);
  const server = cluster?.value.server;
  if (!cluster || typeof server !== 'string') fail(`the context "${name}" of ${where} names no cluster with a server.`);
  const clusterEntry = await inline(cluster, { 'certificate-authority': 'certificate-authority-data' });
  const userEntry = user === undefined ? {} : await readUser(user);
  const userName = user?.name ?? 'nobody';
  return {
    context: name,
    server,
    user: userName,
    kubeconfig: (namespace) =>
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: cluster.name, cluster: clusterEntry }],
        users: [{ name: userName, user: userEntry }],
        contexts: [{ name, context: { cluster: cluster.name, user: userName, namespace } }],
        'current-context': name,
        preferences: {},
      }),
  };
}

async function readConfig(file: string): Promise<Fields | undefined> {
  try {
    return ((parse(await readFile(file, 'utf8')) as Fields | null) ?? {}) as Fields;
  } catch (error) {
    // KUBECONFIG may name files that are yet to be written.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return fail(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

async function readUser(user: Named): Promise<Fields> {
  for (const field of ['exec', 'auth-provider']) {
    if (user.value[field] === undefined) continue;
    fail(
      `the user "${user.name}" logs in by a program (${field}), which shells of learners do not run. Use a context whose user has a certificate or a token.`,
    );
  }
  const { tokenFile, ...rest } = user.value;
  const entry = await inline(
    { ...user, value: rest },
    { 'client-certificate': 'client-certificate-data', 'client-key': 'client-key-data' },
  );
  if (typeof tokenFile === 'string' && entry.token === undefined) {
    entry.token = (await readPart(user.folder, tokenFile)).toString('utf8').trim();
  }
  return entry;
}

/** The entry with the content of files in place of their names: a learner's home is another folder. */
async function inline({ value, folder }: Named, fields: Record<string, string>): Promise<Fields> {
  const entry: Fields = { ...value };
  for (const [field, data] of Object.entries(fields)) {
    const file = entry[field];
    delete entry[field];
    if (typeof file === 'string' && entry[data] === undefined) {
      entry[data] = (await readPart(folder, file)).toString('base64');
    }
  }
  return entry;
}

async function readPart(folder: string, file: string): Promise<Buffer> {
  const path = resolve(folder, file);
  return readFile(path).catch((error: Error) =>
    fail(`${path}, named by the kubeconfig, cannot be read: ${error.message}.`),
  );
}

function fail(message: string): never {
  throw new UserError('KUBECONFIG_UNUSABLE', message);
}
