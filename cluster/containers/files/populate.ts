import type { ObjectReader } from '../../objects/object.ts';
import type { ServiceAccountTokens } from '../../service-account-tokens.ts';
import type { Container } from '../container.ts';
import { configMapData, podField, secretData } from '../environment.ts';
import type { ContainerSpec, PodObject, VolumeSource, VolumeSpec } from '../pod-spec.ts';
import type { Program } from '../process/process.ts';
import { packageManagers, releaseFiles } from '../programs/distribution.ts';
import { userlandPrograms } from '../programs/userland.ts';
import type { Directory, FileNode, FileSystem } from './file-system.ts';
import { folderAt, type VolumeFolders } from './volume-folders.ts';

export interface PodContext {
  objects: ObjectReader;
  pod: PodObject;
  spec: ContainerSpec;
  ip: string;
  folders: VolumeFolders;
  tokens: ServiceAccountTokens;
}

/** Fills a new container's file system: the image, what the kubelet writes, the mounts. */
export function populateFiles(files: FileSystem, container: Container, context: PodContext): void {
  const now = container.clock.now();
  const text = (path: string, content: string, mode = 0o644): void =>
    files.place(path, { kind: 'file', content: Buffer.from(content), mode, uid: 0, modified: now });
  const executable = (path: string, program: Program): void =>
    files.place(path, { kind: 'file', content: Buffer.from('\x7fELF'), mode: 0o755, uid: 0, modified: now, program });

  const { image } = container;
  for (const path of ['/etc', '/var', '/usr', '/proc', '/sys', '/dev', '/run']) files.makeDirectories(path);
  files.makeDirectories('/tmp', 0, 0o1777);
  files.makeDirectories('/root', 0, 0o700);
  if (image.user !== undefined && image.user.home !== '/') {
    files.makeDirectories(image.user.home.split('/').slice(0, -1).join('/'));
    files.place(image.user.home, {
      kind: 'directory',
      entries: new Map(),
      mode: 0o755,
      uid: image.user.uid,
      modified: now,
    });
  }
  if (image.userland === 'gnu') {
    for (const folder of ['bin', 'sbin', 'lib']) {
      files.makeDirectories(`/usr/${folder}`);
      files.symlink(`usr/${folder}`, `/${folder}`);
    }
  }
  for (const [path, program] of userlandPrograms(image.userland)) executable(path, program);
  for (const [path, program] of packageManagers(image)) executable(path, program);
  for (const [path, content] of Object.entries(releaseFiles(image))) text(path, content);
  for (const [path, program] of Object.entries(image.programs ?? {})) executable(path, program);
  for (const [path, content] of Object.entries(image.files ?? {})) {
    text(path, content, content.startsWith('#!') ? 0o755 : 0o644);
  }

  const { pod, ip } = context;
  const namespace = pod.metadata.namespace ?? 'default';
  text('/etc/hostname', `${container.hostname}\n`);
  text('/etc/hosts', hostsFile(pod, ip, container.hostname));
  text(
    '/etc/resolv.conf',
    `search ${container.network.searchList().join(' ')}\nnameserver ${container.network.nameserver()}\noptions ndots:5\n`,
  );
  const { user } = image;
  const shell = image.userland === 'gnu' ? '/bin/bash' : '/bin/sh';
  text(
    '/etc/passwd',
    `root:x:0:0:root:/root:${shell}\n${user === undefined ? '' : `${user.name}:x:${user.uid}:${user.uid}::${user.home}:/bin/sh\n`}nobody:x:65534:65534:nobody:/:/sbin/nologin\n`,
  );
  text('/etc/group', `root:x:0:\n${user === undefined ? '' : `${user.name}:x:${user.uid}:\n`}nobody:x:65534:\n`);
  const device = (path: string, next: () => Uint8Array | null): void =>
    files.place(path, { kind: 'device', next, mode: 0o666, uid: 0, modified: now });
  device('/dev/null', () => null);
  device('/dev/zero', () => Buffer.alloc(65_536));
  // Chance is dear compared with zeros: less of it at a time.
  for (const name of ['random', 'urandom']) device(`/dev/${name}`, () => container.randomBytes(4096));
  text('/dev/termination-log', '', 0o666);

  for (const mount of context.spec.volumeMounts ?? []) {
    const volume = pod.spec?.volumes?.find((candidate) => candidate.name === mount.name);
    if (volume === undefined) continue;
    const folder = projectedFolder(volume, context, namespace, now) ?? context.folders.folderOf(volume, now);
    files.place(mount.mountPath, mounted(folder, mount, now));
  }
}

function hostsFile(pod: PodObject, ip: string, hostname: string): string {
  const aliases = (pod.spec?.hostAliases ?? []).map((alias) => `${alias.ip}\t${(alias.hostnames ?? []).join('\t')}\n`);
  return [
    '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n',
    'fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n',
    `${ip}\t${hostname}\n`,
    ...(aliases.length === 0 ? [] : ['\n# Entries added by HostAliases.\n', ...aliases]),
  ].join('');
}

function mounted(folder: Directory, { subPath, readOnly }: { subPath?: string; readOnly?: boolean }, now: number) {
  if (folder.live) return subPath === undefined ? folder : (folder.live().get(subPath) ?? folder);
  const part = subPath === undefined ? folder : folderAt(folder, subPath, now);
  return readOnly === true ? { ...part, readOnly } : part;
}

/** A volume as a folder that shows its source's state at each look; undefined when it has no source. */
function projectedFolder(
  volume: VolumeSpec,
  context: PodContext,
  namespace: string,
  now: number,
): Directory | undefined {
  const sources = volume.projected?.sources ?? [volume];
  const isProjection = sources.some(
    (source) =>
      source.configMap !== undefined ||
      source.secret !== undefined ||
      source.downwardAPI !== undefined ||
      source.serviceAccountToken !== undefined,
  );
  if (!isProjection) return undefined;
  return {
    kind: 'directory',
    entries: new Map(),
    mode: 0o755,
    uid: 0,
    modified: now,
    live() {
      const root = new Map<string, FileNode>();
      for (const source of sources) {
        for (const [path, content] of sourceFiles(source, context, namespace)) {
          addFile(root, path.split('/'), content, now);
        }
      }
      return root;
    },
  };
}

function addFile(folder: Map<string, FileNode>, path: readonly string[], content: Uint8Array, modified: number): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    folder.set(name, { kind: 'file', content, mode: 0o644, uid: 0, modified, readOnly: true });
    return;
  }
  let next = folder.get(name);
  if (next?.kind !== 'directory') {
    next = { kind: 'directory', entries: new Map(), mode: 0o755, uid: 0, modified, readOnly: true };
    folder.set(name, next);
  }
  addFile(next.entries, rest, content, modified);
}

function selected(
  data: Record<string, Buffer>,
  items: { key: string; path: string }[] | undefined,
): [string, Uint8Array][] {
  if (items === undefined) return Object.entries(data);
  return items.flatMap(({ key, path }): [string, Uint8Array][] => {
    const content = data[key];
    return content === undefined ? [] : [[path, content]];
  });
}

function sourceFiles(source: VolumeSource, context: PodContext, namespace: string): [string, Uint8Array][] {
  const { objects, pod, ip } = context;
  if (source.configMap !== undefined) {
    return selected(
      configMapData(objects.get('configmaps', namespace, source.configMap.name ?? '')),
      source.configMap.items,
    );
  }
  if (source.secret !== undefined) {
    const name = source.secret.secretName ?? source.secret.name ?? '';
    return selected(secretData(objects.get('secrets', namespace, name)), source.secret.items);
  }
  if (source.downwardAPI !== undefined) {
    return (source.downwardAPI.items ?? []).map((item) => [
      item.path,
      Buffer.from(podField(pod, item.fieldRef?.fieldPath ?? '', ip) ?? ''),
    ]);
  }
  if (source.serviceAccountToken !== undefined) {
    const { path, audience, expirationSeconds: seconds } = source.serviceAccountToken;
    return [[path, Buffer.from(context.tokens.mounted(pod, { audience, seconds }))]];
  }
  return [];
}
