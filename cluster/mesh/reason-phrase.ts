import { STATUS_CODES } from 'node:http';

/** Envoy, source/common/http/codes.cc: the teapot is not in its table. */
export function reasonPhrase(status: number): string {
  return status === 418 ? 'Unknown' : (STATUS_CODES[status] ?? 'Unknown');
}
