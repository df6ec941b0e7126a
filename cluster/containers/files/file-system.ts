import type { Program } from '../process/process.ts';

/** Errors by their name in errno.h; `message` is what strerror says. */
export class FileError extends Error {
  override name = 'FileError';
  readonly code: FileErrorCode;
  constructor(code: FileErrorCode) {
    super(MESSAGES[code]);
    this.code = code;
  }
}

const MESSAGES = {
  EACCES: 'Permission denied',
  EEXIST: 'File exists',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  EROFS: 'Read-only file system',
  EBUSY: 'Resource busy',
  ENOMEM: 'Cannot allocate memory',
} as const;
export type FileErrorCode = keyof typeof MESSAGES;

interface Attributes {
  mode: number;
  uid: number;
  /** Milliseconds since 1970. */
  modified: number;
}
export interface RegularFile extends Attributes {
  kind: 'file';
  content: Uint8Array;
  /** An executable of the image. */
  program?: Program;
  readOnly?: boolean;
}
export interface Directory extends Attributes {
  kind: 'directory';
  entries: Map<string, FileNode>;
  readOnly?: boolean;
  /** A mount that follows its source: asked each time instead of `entries`. */
  live?: () => Map<string, FileNode>;
}
export interface Symlink extends Attributes {
  kind: 'symlink';
  target: string;
}
/** A file whose bytes are made or swallowed when it is used, as `/dev/null`. */
export interface Device extends Attributes {
  kind: 'device';
  /** The next bytes, as many as one read gives; null at the end, which `/dev/zero` never has. */
  next(): Uint8Array | null;
}
export type FileNode = RegularFile | Directory | Symlink | Device;

/** Bytes that all files of one container may have together. */
export const DISK_BYTES = 16 * 1024 * 1024;

/** Bytes that one read of a large file gives. */
const PIECE_BYTES = 65_536;

/** Files of a container, in memory. Paths are absolute. Permissions: owner and others, no groups. */
export class FileSystem {
  readonly root: Directory;
  readonly #now: () => number;
  #used = 0;
  /** Buffers of files that grow, larger than their content. */
  readonly #rooms = new WeakMap<RegularFile, Buffer>();

  constructor(now: () => number) {
    this.#now = now;
    this.root = this.#directory(0, 0o755);
  }

  /** Bytes of all files that were written. At most DISK_BYTES. */
  get used(): number {
    return this.#used;
  }

  /** The node at a path. `follow: false` gives a symlink itself. @throws FileError */
  find(path: string, { follow = true, uid = 0 } = {}): FileNode {
    return this.#walk(split(path), follow, uid, 0);
  }

  exists(path: string): boolean {
    try {
      this.find(path);
      return true;
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }

  entries(directory: Directory): Map<string, FileNode> {
    return directory.live?.() ?? directory.entries;
  }

  /** The whole content. @throws FileError, ENOMEM for a device that has no end */
  read(path: string, uid = 0): Uint8Array {
    const node = this.#readable(path, uid);
    if (node.kind === 'file') return node.content;
    if (node.kind === 'device' && node.next() !== null) throw new FileError('ENOMEM');
    return Buffer.alloc(0);
  }

  /** The content piece by piece: a function for the next bytes, null at the end. @throws FileError */
  open(path: string, uid = 0): () => Uint8Array | null {
    const node = this.#readable(path, uid);
    if (node.kind === 'device') return () => node.next();
    const content = node.kind === 'file' ? node.content : Buffer.alloc(0);
    let position = 0;
    return () => {
      if (position >= content.length) return null;
      const start = position;
      position += PIECE_BYTES;
      return content.subarray(start, position);
    };
  }

  /** Creates the file or replaces (or appends to) its content. @throws FileError */
  write(path: string, content: Uint8Array, { append = false, uid = 0, mode = 0o644 } = {}): void {
    const existing = this.#findOrNull(path, uid);
    if (existing === null) {
      const file: RegularFile = { kind: 'file', content: Buffer.alloc(0), mode, uid, modified: this.#now() };
      this.#link(path, file, uid);
      this.#store(file, content);
      return;
    }
    if (existing.kind === 'directory') throw new FileError('EISDIR');
    if (existing.kind === 'device') return;
    if (existing.kind === 'symlink') throw new FileError('ENOENT');
    if (existing.readOnly === true) throw new FileError('EROFS');
    if (!allows(existing, uid, 2)) throw new FileError('EACCES');
    this.#store(existing, append ? this.#appended(existing, content) : content);
  }

  /** Puts a file of the image or a mount there, with the folders above it. */
  place(path: string, node: FileNode): void {
    const parts = split(path);
    const name = parts.pop();
    if (name === undefined) throw new FileError('EEXIST');
    this.makeDirectories(`/${parts.join('/')}`).entries.set(name, node);
  }

  makeDirectories(path: string, uid = 0, mode = 0o755): Directory {
    let directory = this.root;
    for (const part of split(path)) {
      let next = this.entries(directory).get(part);
      if (next === undefined) {
        if (directory.readOnly === true) throw new FileError('EROFS');
        if (!allows(directory, uid, 2)) throw new FileError('EACCES');
        next = this.#directory(uid, mode);
        directory.entries.set(part, next);
      }
      if (next.kind === 'symlink') next = this.find(next.target);
      if (next.kind !== 'directory') throw new FileError('ENOTDIR');
      directory = next;
    }
    return directory;
  }

  /** @throws FileError EEXIST, ENOENT when the folder above is missing */
  makeDirectory(path: string, uid = 0, mode = 0o755): void {
    if (this.exists(path)) throw new FileError('EEXIST');
    this.#link(path, this.#directory(uid, mode), uid);
  }

  symlink(target: string, path: string, uid = 0): void {
    this.#link(path, { kind: 'symlink', target, mode: 0o777, uid, modified: this.#now() }, uid);
  }

  /** @throws FileError ENOTEMPTY unless `recursive` */
  remove(path: string, { recursive = false, uid = 0 } = {}): void {
    const { directory, name } = this.#parent(path, uid);
    const node = this.entries(directory).get(name);
    if (node === undefined) throw new FileError('ENOENT');
    if (directory.readOnly === true || directory.live !== undefined) throw new FileError('EROFS');
    if (!allows(directory, uid, 2)) throw new FileError('EACCES');
    if (node.kind === 'directory') {
      if (node.live !== undefined) throw new FileError('EBUSY');
      if (node.entries.size > 0 && !recursive) throw new FileError('ENOTEMPTY');
      const prefix = path.endsWith('/') ? path : `${path}/`;
      for (const child of node.entries.keys()) this.remove(prefix + child, { recursive, uid });
    }
    if (node.kind === 'file') this.#used -= node.content.length;
    directory.entries.delete(name);
    directory.modified = this.#now();
  }

  /** Moves a node; a file at the new path is replaced. */
  rename(from: string, to: string, uid = 0): void {
    const node = this.find(from, { follow: false, uid });
    const source = this.#parent(from, uid);
    if (source.directory.readOnly === true || source.directory.live !== undefined) throw new FileError('EROFS');
    if (!allows(source.directory, uid, 2)) throw new FileError('EACCES');
    const target = this.#parent(to, uid);
    if (this.entries(target.directory).get(target.name)?.kind === 'directory') throw new FileError('EISDIR');
    if (this.exists(to)) this.remove(to, { uid });
    this.#link(to, node, uid);
    source.directory.entries.delete(source.name);
  }

  touch(path: string, uid = 0): void {
    const node = this.#findOrNull(path, uid);
    if (node === null) this.write(path, Buffer.alloc(0), { uid });
    else node.modified = this.#now();
  }

  /** The content with more at its end, in a buffer with room for the next time: appending is what loops do. */
  #appended(file: RegularFile, more: Uint8Array): Uint8Array {
    const { length } = file.content;
    const size = length + more.length;
    let room = this.#rooms.get(file);
    if (room === undefined || room.buffer !== file.content.buffer || room.length < size) {
      // Never more than the disk, however often it doubles.
      room = Buffer.alloc(Math.max(size, Math.min(2 * size, DISK_BYTES)));
      room.set(file.content);
      this.#rooms.set(file, room);
    }
    room.set(more, length);
    return room.subarray(0, size);
  }

  #store(file: RegularFile, content: Uint8Array): void {
    const used = this.#used - file.content.length + content.length;
    if (used > DISK_BYTES) throw new FileError('ENOSPC');
    this.#used = used;
    file.content = content;
    file.modified = this.#now();
    // What was an executable of the image is now the learner's own file.
    delete file.program;
  }

  #link(path: string, node: FileNode, uid: number): void {
    const { directory, name } = this.#parent(path, uid);
    if (directory.readOnly === true || directory.live !== undefined) throw new FileError('EROFS');
    if (!allows(directory, uid, 2)) throw new FileError('EACCES');
    directory.entries.set(name, node);
    directory.modified = this.#now();
  }

  #parent(path: string, uid: number): { directory: Directory; name: string } {
    const parts = split(path);
    const name = parts.pop();
    if (name === undefined) throw new FileError('EISDIR');
    const directory = this.#walk(parts, true, uid, 0);
    if (directory.kind !== 'directory') throw new FileError('ENOTDIR');
    return { directory, name };
  }

  #readable(path: string, uid: number): FileNode {
    const node = this.find(path, { uid });
    if (node.kind === 'directory') throw new FileError('EISDIR');
    if (!allows(node, uid, 4)) throw new FileError('EACCES');
    return node;
  }

  #findOrNull(path: string, uid: number): FileNode | null {
    try {
      return this.find(path, { uid });
    } catch (error) {
      if (error instanceof FileError && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  #walk(parts: readonly string[], follow: boolean, uid: number, depth: number): FileNode {
    if (depth > 20) throw new FileError('ELOOP');
    let node: FileNode = this.root;
    for (const [index, part] of parts.entries()) {
      if (node.kind !== 'directory') throw new FileError('ENOTDIR');
      if (!allows(node, uid, 1)) throw new FileError('EACCES');
      const next = this.entries(node).get(part);
      if (next === undefined) throw new FileError('ENOENT');
      node = next;
      if (next.kind === 'symlink' && (follow || index < parts.length - 1)) {
        const base = next.target.startsWith('/') ? '' : `/${parts.slice(0, index).join('/')}/`;
        node = this.#walk(split(base + next.target), true, uid, depth + 1);
      }
    }
    return node;
  }

  #directory(uid: number, mode: number): Directory {
    return { kind: 'directory', entries: new Map(), mode, uid, modified: this.#now() };
  }
}

/** Whether a user may read (4), write (2) or enter and execute (1). */
export function allows(node: FileNode, uid: number, right: 1 | 2 | 4): boolean {
  if (uid === 0) return true;
  return ((node.uid === uid ? node.mode >> 6 : node.mode) & right) !== 0;
}

/** The absolute path without `.`, `..` and doubled slashes. */
export function resolvePath(workingDirectory: string, path: string): string {
  return `/${split(path.startsWith('/') ? path : `${workingDirectory}/${path}`).join('/')}`;
}

function split(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}
