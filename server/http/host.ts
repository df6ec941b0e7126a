import { isIP } from 'node:net';

/**
 * Whether a request was addressed to a name that is ours.
 *
 * A page of an attacker whose DNS name suddenly points to 127.0.0.1 (DNS rebinding) is same-origin with itself, so
 * comparing Origin with Host would let it in. An IP address cannot be rebound, `localhost` is not resolved by DNS,
 * and every other name must have been allowed by whoever started the server.
 *
 * @param host value of the Host header, with or without a port.
 * @param allowed names as given with `--allow-host`, without ports.
 */
export function isAllowedHost(host: string | undefined, allowed: readonly string[]): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.exec(host ?? '');
  const name = match?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || allowed.includes(name);
}

/**
 * Whether a WebSocket was opened by a page of ours: its Origin is exactly the host that it asks for.
 * A missing Origin is refused: only programs omit it, and a socket here is a shell.
 */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
