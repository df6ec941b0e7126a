import { createHash } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import { type ObjectReader } from '../objects/object.ts';
import { authorize } from './authorizer.ts';

/** Who asks, as `kubectl auth whoami` shows it. */
export interface Identity {
  username: string;
  uid?: string;
  groups: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Every client that comes by a cluster's URL is its administrator; the secret in its URL has been checked before. It has the form of
 * one with a client certificate, since a cluster made by kubeadm gives its administrator that.
 */
export const ADMINISTRATOR: Identity = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
  extra: {
    'authentication.kubernetes.io/credential-id': [
      `X509SHA256=${createHash('sha256').update('kubernetes-admin').digest('hex')}`,
    ],
  },
};

/**
 * The client, or whom it impersonates (`--as`, `--as-group`), if it may.
 * Kubernetes 1.36, k8s.io/apiserver/pkg/endpoints/filters/impersonation.go.
 * @throws ApiError 403
 */
export function identityOf(
  objects: ObjectReader,
  { headers }: Pick<IncomingMessage, 'headers'>,
  client: Identity,
): Identity {
  const username = headers['impersonate-user'];
  if (typeof username !== 'string' || username === '') return client;
  // Node joins repeated headers with a comma and a space.
  const given = headers['impersonate-group'];
  const groups = (Array.isArray(given) ? given : (given ?? '').split(', ')).filter(Boolean);
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  const wanted = { verb: 'impersonate', group: '' };
  if (account)
    authorize(objects, client, { ...wanted, resource: 'serviceaccounts', namespace: account[1], name: account[2] });
  else authorize(objects, client, { ...wanted, resource: 'users', name: username });
  for (const name of groups) authorize(objects, client, { ...wanted, resource: 'groups', name });
  if (groups.length === 0 && account) groups.push('system:serviceaccounts', `system:serviceaccounts:${account[1]}`);
  const everyone = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  if (!groups.includes(everyone)) groups.push(everyone);
  return { username, groups };
}
