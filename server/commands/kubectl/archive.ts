/** Files of a tar archive (POSIX ustar), as much of it as `cp` needs: files, folders and symbolic links. */
export interface ArchiveEntry {
  /** With slashes, relative. */
  name: string;
  type: 'file' | 'folder' | 'link';
  /** Permission bits. */
  mode: number;
  content: Buffer;
  /** Target of a link. */
  target: string;
}

const BLOCK = 512;

/** @returns the archive with the two empty blocks at its end. */
export function packArchive(entries: readonly ArchiveEntry[]): Buffer {
  const parts = entries.flatMap((entry) => [renderHeader(entry), pad(entry.content)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function renderHeader({ name, type, mode, content, target }: ArchiveEntry): Buffer {
  const header = Buffer.alloc(BLOCK);
  const path = type === 'folder' ? `${name}/` : name;
  const bytes = Buffer.from(path);
  // Longer names go on in a prefix, cut at a slash.
  const cut = bytes.length <= 100 ? -1 : path.indexOf('/', Math.max(0, path.length - 101));
  header.write(cut < 0 ? path : path.slice(cut + 1), 0, 100);
  header.write(cut < 0 ? '' : path.slice(0, cut), 345, 155);
  const number = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at);
  number(mode, 100, 8);
  number(0, 108, 8);
  number(0, 116, 8);
  number(content.length, 124, 12);
  number(0, 136, 12);
  header.write({ file: '0', folder: '5', link: '2' }[type], 156);
  header.write(target, 157, 100);
  header.write('ustar\x0000', 257);
  header.fill(' ', 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return header;
}

function pad(content: Buffer): Buffer {
  const rest = content.length % BLOCK;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(BLOCK - rest)]);
}

/** @throws Error for an archive that ends in the middle of a file, and for a size that is none; in Go's words. */
export function unpackArchive(archive: Buffer): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  let longName = '';
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header[0] === 0) break;
    const text = (from: number, length: number) =>
      header
        .subarray(from, from + length)
        .toString('utf8')
        .replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12).trim() || '0', 8);
    // Archives come out of pods: with a size below zero this would read the same header for ever.
    if (!(size >= 0)) throw new Error('archive/tar: invalid tar header');
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new Error('unexpected EOF');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const flag = text(156, 1);
    // GNU tar puts a name of more than 100 bytes into an entry before the file's.
    if (flag === 'L') {
      longName = content.toString('utf8').replace(/\0.*$/s, '');
      continue;
    }
    const prefix = text(257, 6).startsWith('ustar') ? text(345, 155) : '';
    const name = (longName || (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`)).replace(/\/$/, '');
    longName = '';
    const type = flag === '5' ? 'folder' : flag === '2' ? 'link' : 'file';
    entries.push({
      name,
      type,
      mode: Number.parseInt(text(100, 8).trim() || '644', 8),
      content,
      target: text(157, 100),
    });
  }
  return entries;
}
