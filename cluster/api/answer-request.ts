import { type KubernetesObject } from '../objects/object.ts';
import { type Identity } from './identity.ts';
import { type ListResult, type ResourceResult } from './resource-requests.ts';

/** Answers requests for a kind in its own way; undefined leaves one to what holds for all kinds. @throws ApiError */
export type AnswerRequest = (request: {
  /** As in rules of roles: `get`, `list`, `create` … */
  verb: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
  user: Identity;
  /** What holds for all kinds. @throws ApiError */
  list(): ListResult;
  /** Reads the body as an object of the kind. @throws ApiError */
  object(): KubernetesObject;
}) => ResourceResult | undefined;
