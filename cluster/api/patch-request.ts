import { badRequest, invalid, invalidObject, unsupportedMediaType, type ApiError } from '../objects/api-error.ts';
import { canonicalJson, isJsonObject, type JsonObject } from '../objects/json.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { applyJsonPatch, PatchError } from '../objects/patch/json-patch.ts';
import { applyMergePatch } from '../objects/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../objects/patch/strategic-merge-patch.ts';
import { decodeKind } from '../objects/decode-kind.ts';
import { DecodeError } from '../objects/schema/decode.ts';
import { messageOf, type Message } from '../objects/schema/schemas.ts';
import { parseJson, parseYaml, type FieldValidation } from './body.ts';
import { goFormat } from './go-format.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';

export interface PatchRequest {
  /** Media type without parameters. */
  type: string;
  body: Buffer;
}

/** @throws ApiError 415 when the kind cannot be patched in this form */
export function checkPatchType(kind: Kind, type: string): void {
  const accepted = kind.custom
    ? [JSON_PATCH, MERGE_PATCH, APPLY_PATCH]
    : [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
}

/** Patches an object of any message, without decoding the result. @throws ApiError */
export function patchJson(target: JsonObject, { type, body }: PatchRequest, message: Message): JsonObject {
  const patch = parsePatch(body, type);
  try {
    const result =
      type === JSON_PATCH
        ? applyJsonPatch(target, patch)
        : type === STRATEGIC_PATCH
          ? applyStrategicMergePatch(target, asPatchObject(patch), message)
          : applyMergePatch(target, asPatchObject(patch));
    if (!isJsonObject(result)) throw badRequest('the patch leaves no object');
    return result;
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (error.malformed) throw badRequest(error.message);
    // Upstream answers 422 without causes, so that clients print a general sentence.
    throw invalidPatch();
  }
}

export interface PatchedObject {
  object: KubernetesObject;
  warnings: string[];
}

/** Patches an object of a kind and reads the result. @throws ApiError */
export function patchObject(
  kind: Kind,
  target: KubernetesObject,
  request: PatchRequest,
  validation: FieldValidation,
): PatchedObject {
  const message = messageOf(kind.message);
  const patched = patchJson(target, request, message);
  const shown = () =>
    kind.custom
      ? canonicalJson(patched)
      : goFormat(request.type === JSON_PATCH ? patched : parsePatch(request.body, request.type));
  try {
    const { value, strict } = decodeKind(kind, patched);
    if (strict.length > 0 && validation === 'Strict') {
      throw refusedPatch(shown(), `strict decoding error: ${strict.join(', ')}`);
    }
    const object = value as KubernetesObject;
    object.metadata ??= { name: target.metadata.name };
    return { object, warnings: validation === 'Ignore' ? [] : strict };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const wanted = /^json: cannot unmarshal \S+.* of type (\S+)$/.exec(error.message)?.[1];
    throw refusedPatch(shown(), wanted ? `unrecognized type: ${wanted}` : error.message);
  }
}

function parsePatch(body: Buffer, type: string): unknown {
  const text = body.toString();
  return text.trimStart().startsWith('{') || type === JSON_PATCH ? parseJson(text) : parseYaml(text);
}

function asPatchObject(patch: unknown): JsonObject {
  if (isJsonObject(patch)) return patch;
  throw badRequest('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}');
}

function refusedPatch(value: string, detail: string): ApiError {
  return invalidObject({ kind: '', group: '' }, '', [invalid('patch', value, detail)]);
}

function invalidPatch(): ApiError {
  const error = invalidObject({ kind: '', group: '' }, '', []);
  Object.assign(error, {
    message: 'the server rejected our request due to an error in our request',
    details: {},
  });
  return error;
}
