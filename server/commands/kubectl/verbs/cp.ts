import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, resolve, sep } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { resourcePath } from '../api/resource.ts';
import { packArchive, unpackArchive, type ArchiveEntry } from '../archive.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, PlainError } from '../errors.ts';
import { chooseContainer, getPod, POD_RESOURCE } from '../pods.ts';
import { runRemote } from '../remote-command.ts';

export const command: Command = {
  usage: '<file-spec-src> <file-spec-dest>',
  long: "Copies files and folders to and from containers with the container's own tar.",
  examples: [
    ['To a pod', 'cp page.html web:/usr/share/nginx/html/index.html'],
    ['From a pod of another namespace', 'cp shop/web:/etc/hosts hosts.txt'],
  ],
  flags: [
    { name: 'container', short: 'c', type: 'string', usage: 'Container of the pod; the first one when left out.' },
    { name: 'no-preserve', type: 'bool', usage: 'Do not keep owner and permissions in the container.' },
    { name: 'retries', type: 'int', usage: 'Accepted; nothing is lost on the way.' },
  ],
  run,
};

interface Place {
  pod: string;
  /** '' for that of the command line. */
  namespace: string;
  path: string;
}

/** kubectl/pkg/cmd/cp/cp.go. */
async function run(invocation: Invocation): Promise<number> {
  const { args } = invocation;
  if (args.length !== 2) throw new CommandError('source and destination are required');
  const [from, to] = args.map(readPlace) as [Place, Place];
  if (from.pod !== '' && to.pod !== '') throw new CommandError('one of src or dest must be a local file specification');
  if (from.path === '' || to.path === '') throw new CommandError('filepath can not be empty');
  if (from.pod !== '') await copyFrom(invocation, from, to.path);
  else if (to.pod !== '') await copyTo(invocation, from.path, to);
  else throw new CommandError('one of src or dest must be a remote file specification');
  return 0;
}

/** `pod:path`, `namespace/pod:path` or a local path. extractFileSpec. */
function readPlace(text: string): Place {
  const colon = text.indexOf(':');
  if (colon < 0) return { pod: '', namespace: '', path: text };
  if (colon === 0) throw new CommandError('filespec must match the canonical format: [[namespace/]pod:]file/path');
  const [first = '', second, ...more] = text.slice(0, colon).split('/');
  if (more.length > 0) throw new CommandError('filespec must match the canonical format: [[namespace/]pod:]file/path');
  const path = text.slice(colon + 1);
  return second === undefined ? { pod: first, namespace: '', path } : { pod: second, namespace: first, path };
}

async function copyFrom(invocation: Invocation, { pod, namespace, path }: Place, destination: string): Promise<void> {
  const { io } = invocation;
  const chunks: Buffer[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  try {
    await execute(invocation, pod, namespace, ['tar', 'cf', '-', path], new PassThrough().end(), stdout);
  } catch (error) {
    // tar has complained by itself, and upstream then looks no further than at what came.
    if (!(error instanceof PlainError)) throw error;
  }
  const source = posix.normalize(path).replace(/^\/+/, '').replace(/\/$/, '');
  const target = resolve(io.cwd, destination);
  const base = isFolder(target) ? join(target, posix.basename(source)) : target;
  for (const entry of unpackArchive(Buffer.concat(chunks))) writeEntry(invocation, entry, source, base);
}

function writeEntry({ io }: Invocation, entry: ArchiveEntry, source: string, base: string): void {
  const file = join(base, entry.name.slice(source.length));
  // An archive comes from inside of the pod and must not choose where it is written.
  if (file !== base && !file.startsWith(base + sep)) {
    io.stderr.write(
      `warning: file ${JSON.stringify(file)} is outside target destination ${JSON.stringify(base)}, skipping\n`,
    );
    return;
  }
  if (entry.type === 'link') {
    io.stderr.write(
      `warning: skipping symlink: ${JSON.stringify(file)} -> ${JSON.stringify(entry.target)} (consider using "kubectl exec -n "namespace" "pod" -- tar cf - "source-path" | tar xf - -C "destination-path"")\n`,
    );
    return;
  }
  mkdirSync(entry.type === 'folder' ? file : dirname(file), { recursive: true });
  if (entry.type === 'folder') return;
  writeFileSync(file, entry.content);
  chmodSync(file, entry.mode & 0o777);
}

async function copyTo(invocation: Invocation, source: string, { pod, namespace, path }: Place): Promise<void> {
  const { flags, io } = invocation;
  const local = resolve(io.cwd, source);
  if (!lstatSync(local, { throwIfNoEntry: false }))
    throw new CommandError(`${source} doesn't exist in local filesystem`);
  let target = posix.normalize(path);
  if (await isRemoteFolder(invocation, pod, namespace, target)) target = posix.join(target, basename(local));
  const entries = packEntries(local, posix.basename(target));
  const preserve = flags.bool('no-preserve') ? ['--no-same-permissions', '--no-same-owner'] : [];
  const folder = posix.dirname(target);
  const words = ['tar', ...preserve, '-xmf', '-', ...(folder === '.' ? [] : ['-C', folder])];
  await execute(invocation, pod, namespace, words, Readable.from([packArchive(entries)]), io.stdout);
}

function packEntries(file: string, name: string): ArchiveEntry[] {
  const stat = statSync(file);
  const common = { name, mode: stat.mode & 0o777, target: '' };
  if (!stat.isDirectory()) return [{ ...common, type: 'file', content: readFileSync(file) }];
  const inner = readdirSync(file)
    .sort()
    .flatMap((each) => packEntries(join(file, each), `${name}/${each}`));
  return [{ ...common, type: 'folder', content: Buffer.alloc(0) }, ...inner];
}

async function isRemoteFolder(invocation: Invocation, pod: string, namespace: string, path: string): Promise<boolean> {
  try {
    await execute(
      invocation,
      pod,
      namespace,
      ['test', '-d', path],
      new PassThrough().end(),
      new PassThrough().resume(),
    );
    return true;
  } catch (error) {
    if (error instanceof PlainError) return false;
    throw error;
  }
}

async function execute(
  invocation: Invocation,
  name: string,
  given: string,
  command: string[],
  stdin: Readable,
  stdout: Writable,
): Promise<void> {
  const { flags, io, session } = invocation;
  const namespace = given || (await session.namespace()).name;
  const pod = await getPod(invocation, namespace, name);
  const container = chooseContainer(invocation, pod, flags.string('container'), (text) => void io.stderr.write(text));
  const path = resourcePath(POD_RESOURCE, namespace, name, 'exec');
  const query = { command, container: container.name, stdout: true, stderr: true };
  const streams = {
    stdin,
    stdout, // Upstream lets the other side complain where results go.
    stderr: io.stdout,
    env: io.env,
    cwd: io.cwd,
    now: io.now,
  };
  await runRemote(await session.client(), path, query, streams, { stdin: true, tty: false });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
