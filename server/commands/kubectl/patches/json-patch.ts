import { isRecord } from '../api/object.ts';
import { CommandError } from '../errors.ts';
import { isEqual } from './equal.ts';

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** RFC 6902. The document is not changed. @throws CommandError when an operation does not fit. */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations))
    throw new CommandError('cannot unmarshal object into Go value of type jsonpatch.Patch');
  let result: unknown = structuredClone(document);
  for (const operation of operations as Operation[]) result = applyOperation(result, operation);
  return result;
}

function applyOperation(document: unknown, { op, path, from, value }: Operation): unknown {
  switch (op) {
    case 'add':
      return insert(document, path, value);
    case 'remove':
      return remove(document, path);
    case 'replace':
      read(document, path);
      return insert(remove(document, path), path, value);
    case 'move': {
      const moved = read(document, from ?? '');
      return insert(remove(document, from ?? ''), path, moved);
    }
    case 'copy':
      return insert(document, path, structuredClone(read(document, from ?? '')));
    case 'test':
      if (isEqual(read(document, path), value)) return document;
      throw new CommandError(`testing path ${path} failed`);
    default:
      throw new CommandError(`Unexpected kind: ${op}`);
  }
}

function parts(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: string): unknown {
  let value = document;
  for (const part of parts(path)) {
    const held = Array.isArray(value) ? value[Number(part)] : isRecord(value) ? value[part] : undefined;
    if (held === undefined) throw missing(path);
    value = held;
  }
  return value;
}

function insert(document: unknown, path: string, value: unknown): unknown {
  if (path === '') return value;
  const [holder, last] = holderOf(document, path);
  if (Array.isArray(holder)) {
    const index = last === '-' ? holder.length : Number(last);
    if (!(index >= 0 && index <= holder.length)) throw missing(path);
    holder.splice(index, 0, value);
  } else {
    holder[last] = value;
  }
  return document;
}

function remove(document: unknown, path: string): unknown {
  read(document, path);
  const [holder, last] = holderOf(document, path);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return document;
}

function holderOf(document: unknown, path: string): [holder: unknown[] | Record<string, unknown>, last: string] {
  const at = path.lastIndexOf('/');
  const holder = read(document, path.slice(0, Math.max(at, 0)));
  if (!Array.isArray(holder) && !isRecord(holder)) throw missing(path);
  return [holder, parts(path).at(-1) ?? ''];
}

function missing(path: string): CommandError {
  return new CommandError(`the path ${JSON.stringify(path)} does not exist in the object`);
}
