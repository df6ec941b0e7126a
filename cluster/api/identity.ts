import { createHash } from 'node:crypto';
import { type IncomingMessage } from 'node:http';

/** Who asks, as `kubectl auth whoami` shows it. */
export interface Identity {
  username: string;
  groups: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Every client of a cluster is its administrator; the secret in its URL has been checked before. It has the form of
 * one with a client certificate, since a cluster made by kubeadm gives its administrator that.
 */
const ADMINISTRATOR: Identity = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
  extra: {
    'authentication.kubernetes.io/credential-id': [
      `X509SHA256=${createHash('sha256').update('kubernetes-admin').digest('hex')}`,
    ],
  },
};

/**
 * The administrator, or whom it impersonates (`--as`, `--as-group`).
 * Kubernetes 1.36, k8s.io/apiserver/pkg/endpoints/filters/impersonation.go.
 */
export function identityOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  administrator: Identity = ADMINISTRATOR,
): Identity {
  const username = headers['impersonate-user'];
  if (typeof username !== 'string' || username === '') return administrator;
  // Node joins repeated headers with a comma and a space.
  const given = headers['impersonate-group'];
  const groups = (Array.isArray(given) ? given : (given ?? '').split(', ')).filter(Boolean);
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(username);
  if (groups.length === 0 && account) groups.push('system:serviceaccounts', `system:serviceaccounts:${account[1]}`);
  const everyone = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  if (!groups.includes(everyone)) groups.push(everyone);
  return { username, groups };
}
