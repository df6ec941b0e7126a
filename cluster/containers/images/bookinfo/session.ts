import { createHmac, timingSafeEqual } from 'node:crypto';

/** Every replica has the same key, so that a visitor may land on any; the original has it in its source as well. */
const KEY = 'bookinfo-session';

/** A Flask session: what is known of the visitor, signed. `null` ends it. */
export function sessionCookie(user: string | null): string {
  if (user === null) return 'session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/';
  const payload = Buffer.from(JSON.stringify({ user })).toString('base64url');
  return `session=${payload}.${sign(payload)}; HttpOnly; Path=/`;
}

/** The user whom a request's cookies name; null when nobody is logged in or the signature is not ours. */
export function readSession(cookies: string | undefined): string | null {
  const [, payload = '', signature = ''] = /(?:^|;\s*)session=([\w-]+)\.([\w-]+)/.exec(cookies ?? '') ?? [];
  if (payload === '') return null;
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(payload))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const { user } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { user?: unknown };
  return typeof user === 'string' && user !== '' ? user : null;
}

function sign(payload: string): string {
  return createHmac('sha256', KEY).update(payload).digest('base64url');
}
