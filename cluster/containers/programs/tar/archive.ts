/**
 * The tar format: ustar (POSIX.1-1988) with the two ways to write names longer than 100 bytes, GNU's `L` and `K`
 * entries, which both simulated tars write, and PAX records, which Go's writer (kubectl cp) uses.
 */

export interface ArchiveEntry {
  /** As in the archive; of a directory with a slash at its end. */
  name: string;
  kind: 'file' | 'directory' | 'symlink';
  mode: number;
  uid: number;
  /** Seconds since 1970. */
  modified: number;
  /** Bytes of content that follow; 0 unless it is a file. */
  size: number;
  /** What a symlink points to, else empty. */
  target: string;
}

/** What is read is no archive. */
export class ArchiveError extends Error {
  override name = 'ArchiveError';
}

export const BLOCK_BYTES = 512;
/** Of names and PAX records; longer ones are an attack. */
const MAX_EXTENSION_BYTES = 64 * 1024;
const TYPE = { file: '0', directory: '5', symlink: '2' } as const;

/** Bytes from `size` up to a whole block. */
export const paddingOf = (size: number): number => (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;

/** The header of an entry, with what goes before it when its name is long. */
export function renderHeader(entry: ArchiveEntry): Buffer {
  const name = Buffer.from(entry.name);
  const target = Buffer.from(entry.target);
  return Buffer.concat([
    ...(name.length > 100 ? longText('L', name) : []),
    ...(target.length > 100 ? longText('K', target) : []),
    header(entry, TYPE[entry.kind], name, target),
  ]);
}

function longText(type: string, text: Buffer): Buffer[] {
  const content = Buffer.concat([text, Buffer.alloc(1)]);
  const entry = { mode: 0, uid: 0, modified: 0, size: content.length };
  return [
    header(entry, type, Buffer.from('././@LongLink'), Buffer.alloc(0)),
    content,
    Buffer.alloc(paddingOf(content.length)),
  ];
}

function header(
  { mode, uid, modified, size }: Pick<ArchiveEntry, 'mode' | 'uid' | 'modified' | 'size'>,
  type: string,
  name: Buffer,
  target: Buffer,
): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, offset: number, digits: number): void => {
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, offset, 'latin1');
  };
  name.copy(block, 0, 0, 100);
  octal(mode & 0o7777, 100, 7);
  octal(uid, 108, 7);
  octal(uid, 116, 7);
  octal(size, 124, 11);
  octal(modified, 136, 11);
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  target.copy(block, 157, 0, 100);
  block.write('ustar  \0', 257, 'latin1');
  octal(checksum(block), 148, 6);
  block.write(' ', 155, 'latin1');
  return block;
}

/** Of a header whose own checksum counts as spaces. */
function checksum(block: Buffer): number {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return sum;
}

/** Where an archive comes from. */
export interface ArchiveSource {
  /** Exactly `count` bytes; null when there are fewer. */
  take(count: number): Promise<Buffer | null>;
}

/**
 * The entries of an archive. The one who loops takes the content of each, `size` bytes and the padding.
 * @throws ArchiveError
 */
export async function* readEntries(source: ArchiveSource): AsyncGenerator<ArchiveEntry> {
  let long: { name?: string; target?: string; size?: number } = {};
  for (;;) {
    const block = await source.take(BLOCK_BYTES);
    if (block === null) throw new ArchiveError('short read');
    if (block.every((byte) => byte === 0)) return;
    const field = (from: number, length: number): string => untilNul(block.subarray(from, from + length));
    const octal = (from: number, length: number): number => Number.parseInt(field(from, length).trim() || '0', 8);
    if (octal(148, 8) !== checksum(block)) throw new ArchiveError('invalid tar magic');
    const type = field(156, 1) || '0';
    const size = octal(124, 12);
    if (!Number.isInteger(size) || size < 0) throw new ArchiveError('invalid tar header checksum');
    if (type === 'L' || type === 'K' || type === 'x' || type === 'g') {
      if (size > MAX_EXTENSION_BYTES) throw new ArchiveError('invalid tar header checksum');
      const content = await source.take(size + paddingOf(size));
      if (content === null) throw new ArchiveError('short read');
      const text = content.subarray(0, size);
      if (type === 'L') long.name = untilNul(text);
      else if (type === 'K') long.target = untilNul(text);
      else if (type === 'x') Object.assign(long, parsePax(text));
      continue;
    }
    const prefix = field(257, 6) === 'ustar' && block[262] === 0 ? field(345, 155) : '';
    const name = long.name ?? (prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`);
    const kind = type === '5' || (type === '0' && name.endsWith('/')) ? 'directory' : type === '2' ? 'symlink' : 'file';
    yield {
      name,
      kind,
      mode: octal(100, 8) & 0o7777,
      uid: octal(108, 8),
      modified: octal(136, 12),
      size: kind === 'file' ? (long.size ?? size) : 0,
      target: long.target ?? field(157, 100),
    };
    long = {};
  }
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

/** `LENGTH KEY=VALUE\n`, each; the length counts itself. */
function parsePax(bytes: Buffer): { name?: string; target?: string; size?: number } {
  const found: { name?: string; target?: string; size?: number } = {};
  let offset = 0;
  while (offset < bytes.length) {
    const space = bytes.indexOf(0x20, offset);
    const length = Number(bytes.toString('latin1', offset, space));
    if (space === -1 || !Number.isInteger(length) || length < 5 || offset + length > bytes.length) {
      throw new ArchiveError('invalid tar header checksum');
    }
    const record = bytes.toString('utf8', space + 1, offset + length - 1);
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    switch (record.slice(0, equals)) {
      case 'path':
        found.name = value;
        break;
      case 'linkpath':
        found.target = value;
        break;
      case 'size':
        found.size = Number(value);
        break;
      default:
    }
    offset += length;
  }
  return found;
}
