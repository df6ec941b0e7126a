/**
 * The API as pods reach it, at `kubernetes.default.svc`: with TLS, on the node's port 6443. Whoever comes this way is
 * known by the token of a service account alone. Kubernetes 1.36, k8s.io/apiserver/pkg/authentication/request. Left
 * out: HTTP/2, and certificates of clients.
 */
import { createServer, type Server } from 'node:https';
import { type IncomingMessage } from 'node:http';
import { type Duplex } from 'node:stream';
import { type Clock, type RandomBytes } from '../clock.ts';
import { NODE_IP, NODE_NAME } from '../controllers/kubelet/kubelet.ts';
import { issueCertificate, type Identity as Certificate } from '../mesh/certificate.ts';
import { ApiError } from '../objects/api-error.ts';
import { type ServiceAccountTokens } from '../service-account-tokens.ts';
import { type Identity } from './identity.ts';
import { type ApiServer } from './server.ts';

export const API_PORT = 6443;

const ANONYMOUS: Identity = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** kubeadm's: ten years for its authority, one for what it signs. */
const YEAR_MS = 365 * 24 * 3_600_000;
const ROOT = { organization: '', commonName: 'kubernetes' };

export interface SecurePort {
  /** What signs its certificate, as `kube-root-ca.crt` shows it. */
  rootPem(): string;
  accept(connection: Duplex): void;
  /** Ends its connections. */
  dispose(): void;
}

/** Keys and server are made with the first question, so that idle clusters have none. */
export function createSecurePort(deps: {
  clock: Clock;
  randomBytes: RandomBytes;
  tokens: ServiceAccountTokens;
  api: () => ApiServer;
}): SecurePort {
  const { clock, randomBytes, tokens } = deps;
  const open = new Set<Duplex>();
  let root: Certificate | null = null;
  let server: Server | null = null;

  const issue = (request: { organization: string; commonName: string; hosts?: string[] }, years: number): Certificate =>
    issueCertificate({
      ...request,
      uri: null,
      notBefore: clock.now(),
      notAfter: clock.now() + years * YEAR_MS,
      serial: randomBytes(16),
      issuer: root === null ? null : { ...ROOT, identity: root },
    });
  const getRoot = (): Certificate => (root ??= issue(ROOT, 10));

  const authenticate = ({ headers }: IncomingMessage): Identity => {
    const [scheme = '', token = ''] = (headers.authorization ?? '').trim().split(' ');
    if (scheme.toLowerCase() !== 'bearer' || token === '') return ANONYMOUS;
    const known = tokens.identify(token);
    if (known === null) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
    return known.user;
  };

  const createApiPort = (): Server => {
    getRoot();
    const name = 'kubernetes.default.svc.cluster.local';
    const hosts = [NODE_NAME, 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', name, '10.96.0.1', NODE_IP];
    const { certificatePem: cert, keyPem: key } = issue({ organization: '', commonName: 'kube-apiserver', hosts }, 1);
    const options = { cert, key, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
    const created = createServer(options, (request, response) =>
      deps.api().handleRequest(request, response, authenticate),
    );
    created.timeout = 0;
    created.on('upgrade', (request, socket, head) => deps.api().handleUpgrade(request, socket, head, authenticate));
    return created;
  };

  return {
    rootPem: () => getRoot().certificatePem,
    accept(connection) {
      open.add(connection);
      connection.once('close', () => open.delete(connection));
      server ??= createApiPort();
      server.emit('connection', connection);
    },
    dispose() {
      for (const connection of open) connection.destroy();
      open.clear();
    },
  };
}
