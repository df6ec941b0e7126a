import { parseDocument } from 'yaml';
import { ApiError, badRequest, invalidObject, unsupportedMediaType } from '../objects/api-error.ts';
import { isJsonObject, type JsonObject } from '../objects/json.ts';
import { apiVersionOf, type Kind } from '../objects/kinds/kind.ts';
import { type KindRegistry } from '../objects/kinds/registry.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { decodeKind } from '../objects/decode-kind.ts';
import { DecodeError } from '../objects/schema/decode.ts';
import { decodeProtobuf, ProtobufError, readEnvelope } from '../objects/schema/protobuf.ts';
import { messageOf } from '../objects/schema/schemas.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const ACCEPTED = ['application/json', 'application/yaml', PROTOBUF];

export interface ParsedBody {
  value: JsonObject;
  /** Complaints of the parser that strict field validation counts as errors. */
  strict: string[];
}

/** How unknown and duplicate fields are met: the query parameter `fieldValidation`. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export function parseFieldValidation(query: URLSearchParams): FieldValidation {
  const value = query.get('fieldValidation');
  if (value === null || value === '') return 'Warn';
  if (value === 'Ignore' || value === 'Warn' || value === 'Strict') return value;
  throw invalidObject({ kind: 'CreateOptions', group: 'meta.k8s.io' }, '', [
    {
      field: 'fieldValidation',
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: "Ignore", "Strict", "Warn"`,
    },
  ]);
}

/**
 * The object of a request's body, still as the client wrote it.
 * @param fallback the kind that the path stands for, whose type a protobuf body must have
 * @throws ApiError
 */
export function parseBody(body: Buffer, contentType: string, kinds: KindRegistry): ParsedBody {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === PROTOBUF) return parseProtobuf(body, kinds);
  if (type === '' || type === 'application/json') return { value: asObject(parseJson(body)), strict: [] };
  if (type === 'application/yaml' || type === 'text/yaml')
    return { value: asObject(parseYaml(body.toString())), strict: [] };
  throw unsupportedMediaType(ACCEPTED);
}

function parseProtobuf(body: Buffer, kinds: KindRegistry): ParsedBody {
  try {
    const { apiVersion, kind, raw } = readEnvelope(body);
    const message = protobufMessage(apiVersion, kind, kinds);
    if (!message)
      throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    return { value: { apiVersion, kind, ...decodeProtobuf(raw, messageOf(message)) }, strict: [] };
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message);
    throw error;
  }
}

/** Types that come as bodies without being kinds of their own. */
const BODY_MESSAGES: Record<string, string> = {
  DeleteOptions: 'meta.DeleteOptions',
  Scale: 'autoscaling.Scale',
  Eviction: 'policy.Eviction',
  TokenRequest: 'authentication.TokenRequest',
};

/** Types whose older version has numbers of its own. */
const VERSION_MESSAGES: Record<string, string> = {
  'autoscaling/v1 HorizontalPodAutoscaler': 'autoscaling.HorizontalPodAutoscaler',
};

function protobufMessage(apiVersion: string, name: string, kinds: KindRegistry): string | undefined {
  const kind = kinds.byObject(apiVersion, name);
  if (kind?.custom) return undefined;
  const older = `${apiVersion} ${name}`;
  if (Object.hasOwn(VERSION_MESSAGES, older)) return VERSION_MESSAGES[older];
  return kind?.message ?? (Object.hasOwn(BODY_MESSAGES, name) ? BODY_MESSAGES[name] : undefined);
}

/** @throws ApiError worded as Go's decoder would */
export function parseJson(body: Buffer | string): unknown {
  const text = body.toString();
  try {
    return withinDepth(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const rest = text.trim();
    if (rest === '' || isTruncated(rest)) throw badRequest('unexpected end of JSON input');
    throw badRequest(`invalid character in the body of the request: it is not JSON`);
  }
}

const MAX_DEPTH = 200;

/** Refuses values that nest too deep for what walks through them. */
function withinDepth(value: unknown): unknown {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw badRequest('exceeded max depth');
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return value;
}

// JSON.parse says so in words that differ between versions of V8: count what is still open instead.
function isTruncated(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
  }
  return quoted || depth > 0;
}

/** @throws ApiError */
export function parseYaml(text: string): unknown {
  const refuse = (why: string) => badRequest(`error converting YAML to JSON: yaml: ${why}`);
  try {
    const document = parseDocument(text, { uniqueKeys: false, merge: true, logLevel: 'silent' });
    const problem = document.errors[0];
    if (problem) throw refuse(problem.message.split('\n')[0] ?? '');
    // An alias bomb is refused by the parser's own count.
    return withinDepth(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    // The parser recurses: what nests too deep ends its stack, which is the client's doing.
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function asObject(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw badRequest('the body of the request holds no object');
}

export interface DecodedObject {
  object: KubernetesObject;
  /** Complaints about fields, none when they are to be ignored. */
  warnings: string[];
}

/**
 * Reads a parsed body as an object of the kind.
 * @throws ApiError for a wrong kind or version, wrong types, and unknown fields where they are forbidden
 */
export function decodeBody(
  { value, strict }: ParsedBody,
  kind: Kind,
  version: string,
  validation: FieldValidation,
): DecodedObject {
  const given = { apiVersion: value.apiVersion, kind: value.kind };
  const served = kind.versions.map((one) => apiVersionOf(kind, one));
  if (given.kind === undefined || given.kind === '') value.kind = kind.kind;
  else if (given.kind !== kind.kind) {
    throw badRequest(
      `${kind.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: the object provided is unrecognized (must be of type ${kind.kind}): got ${String(given.kind)}`,
    );
  }
  if (given.apiVersion === undefined || given.apiVersion === '') value.apiVersion = apiVersionOf(kind, version);
  else if (!served.includes(String(given.apiVersion))) {
    throw badRequest(
      `the API version in the data (${String(given.apiVersion)}) does not match the expected API version (${apiVersionOf(kind, version)})`,
    );
  }
  const refuse = (why: string) =>
    badRequest(`${kind.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: ${why}`);
  try {
    const decoded = decodeKind(kind, value);
    const problems = [...strict, ...decoded.strict];
    if (problems.length > 0 && validation === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
    const object = decoded.value as KubernetesObject;
    object.metadata ??= { name: '' };
    object.metadata.name ??= '';
    return { object, warnings: validation === 'Ignore' ? [] : problems };
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}
