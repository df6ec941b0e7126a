/** RFC 6902, errors worded as github.com/evanphx/json-patch, which the API server uses. */
import { cloneJson, equalJson, isJsonObject, setKey } from '../json.ts';

/** The patch is no list of operations, or one of them cannot be done. */
export class PatchError extends Error {
  override name = 'PatchError';
  /** Whether the patch itself is unreadable (HTTP 400) rather than not applicable (HTTP 422). */
  readonly malformed: boolean;
  constructor(message: string, malformed = false) {
    super(message);
    this.malformed = malformed;
  }
}

const MAX_OPERATIONS = 10_000;

/** @throws PatchError */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    throw new PatchError(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
      true,
    );
  }
  if (operations.length > MAX_OPERATIONS) {
    throw new PatchError(
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
      true,
    );
  }
  let result = cloneJson(document);
  for (const operation of operations) {
    if (!isJsonObject(operation)) throw new PatchError('error decoding patch: operation is not an object', true);
    result = applyOperation(result, operation);
  }
  return result;
}

function applyOperation(document: unknown, operation: Record<string, unknown>): unknown {
  const { op, path, from, value } = operation;
  if (typeof path !== 'string') throw new PatchError('error decoding patch: operation has no path', true);
  switch (op) {
    case 'add':
      return add(document, path, cloneJson(value));
    case 'remove':
      return remove(document, path, 'remove').document;
    case 'replace':
      if (find(document, path) === undefined) {
        throw new PatchError(`replace operation does not apply: doc is missing key: ${path}: missing value`);
      }
      return path === '' ? cloneJson(value) : add(remove(document, path, 'replace').document, path, cloneJson(value));
    case 'test':
      if (!equalJson(find(document, path) ?? null, value ?? null)) {
        throw new PatchError(`testing value ${path} failed: test failed`);
      }
      return document;
    case 'move': {
      const taken = remove(document, String(from), 'move');
      return add(taken.document, path, taken.removed);
    }
    case 'copy': {
      const found = find(document, String(from));
      if (found === undefined)
        throw new PatchError(`copy operation does not apply: doc is missing from path: ${String(from)}`);
      return add(document, path, cloneJson(found));
    }
    default:
      throw new PatchError(`Unexpected kind: ${String(op)}`);
  }
}

const segments = (path: string) =>
  path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function find(document: unknown, path: string): unknown {
  return segments(path).reduce(step, document);
}

function parentOf(document: unknown, path: string, operation: string): { parent: unknown; key: string } {
  const keys = segments(path);
  const key = keys.pop() ?? '';
  const parent = keys.reduce(step, document);
  if (typeof parent !== 'object' || parent === null) {
    throw new PatchError(`${operation} operation does not apply: doc is missing path: "${path}": missing value`);
  }
  return { parent, key };
}

function add(document: unknown, path: string, value: unknown): unknown {
  if (path === '') return value;
  const { parent, key } = parentOf(document, path, 'add');
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : Number(key);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) {
      throw new PatchError(`add operation does not apply: doc is missing path: "${path}": missing value`);
    }
    parent.splice(index, 0, value);
  } else {
    setKey(parent as Record<string, unknown>, key, value);
  }
  return document;
}

function remove(document: unknown, path: string, operation: string): { document: unknown; removed: unknown } {
  const { parent, key } = parentOf(document, path, operation);
  const removed = step(parent, key);
  if (removed === undefined) {
    throw new PatchError(`${operation} operation does not apply: doc is missing path: "${path}": missing value`);
  }
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete (parent as Record<string, unknown>)[key];
  return { document, removed };
}
