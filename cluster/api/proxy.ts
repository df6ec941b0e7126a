/**
 * The `proxy` subresource of pods and services: an HTTP request that the API server passes on, from outside of the
 * mesh, or a connection that changes protocols. Left out: nodes, and the rewriting of links in HTML pages, which are for browsers behind
 * `kubectl proxy`. Kubernetes 1.32, pkg/registry/core/{pod,service} ResourceLocation and
 * k8s.io/apimachinery/pkg/util/proxy/upgradeaware.go.
 */
import { request as sendHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { ApiError, badRequest, notFound } from '../objects/api-error.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type Service } from '../objects/kinds/service.ts';
import { type KubernetesObject, type ObjectReader } from '../objects/object.ts';
import { type Random } from '../objects/random.ts';
import { type PodAccess } from './pod-access.ts';
import { podOf } from './pod-container.ts';

/** `/api/v1/namespaces/NS/services/SCHEME:NAME:PORT/proxy/REST?QUERY` */
export interface ProxyTarget {
  namespace: string;
  plural: 'pods' | 'services';
  /** Scheme, name and port as one wrote them. */
  id: string;
  scheme: 'http' | 'https';
  name: string;
  /** Number or name; empty when none is given. */
  port: string;
  /** As it is to be sent on, with its query; empty when there is not even a slash. */
  path: string;
}

interface Address {
  ip: string;
  port: number;
  dial(): Duplex | null;
}

interface EndpointSlice extends KubernetesObject {
  endpoints?: { addresses?: string[]; conditions?: { ready?: boolean } }[];
  ports?: { name?: string; port?: number }[];
}

const PATH = /^\/api\/v1\/namespaces\/([^/?]+)\/(pods|services)\/([^/?]+)\/proxy(\/[^?]*)?(\?.*)?$/;
/** Of one connection only; and the client's credentials are for the API server. */
const NOT_PASSED_ON = new Set([
  'authorization',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Undefined when the request is for something else. @throws ApiError for a name that cannot be read */
export function parseProxyTarget(url: string): ProxyTarget | undefined {
  const match = PATH.exec(url);
  if (!match) return undefined;
  const [, namespace = '', plural = '', rawId = '', path = '', query = ''] = match;
  const id = decode(rawId);
  const parts = id.split(':');
  const [scheme, name, port] = parts.length === 3 ? parts : ['', parts[0], parts[1] ?? ''];
  if (parts.length > 3 || !name || (scheme !== '' && scheme !== 'http' && scheme !== 'https')) {
    throw badRequest(`invalid ${plural === 'pods' ? 'pod' : 'service'} request ${JSON.stringify(id)}`);
  }
  return {
    namespace: decode(namespace),
    plural: plural as ProxyTarget['plural'],
    id,
    scheme: scheme || 'http',
    name,
    port: port ?? '',
    path: path + query,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`invalid URL escape in "${text}"`);
    throw error;
  }
}

/**
 * Passes the request on and its answer back.
 * @param fail answers for a target that cannot be reached, unless an answer has begun
 * @throws ApiError when nothing is there to reach
 */
export function serveProxy(
  deps: { objects: ObjectReader; pods: PodAccess; random: Random['below'] },
  target: ProxyTarget,
  request: IncomingMessage,
  response: ServerResponse,
  fail: (error: unknown) => void,
): void {
  if (!target.path.startsWith('/')) {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw badRequest('the path behind proxy is missing');
    // Relative, because the API server may itself live below a path.
    return void response.writeHead(301, { location: `proxy/${target.path}`, 'content-length': 0 }).end();
  }
  const address = locate(deps, target);
  const unreachable = (why: string): void =>
    fail(new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`));
  const connection = address.dial();
  if (!connection) return unreachable(`dial tcp ${address.ip}:${address.port}: connect: connection refused`);
  const secured =
    target.scheme === 'https' ? connectTls({ socket: connection, rejectUnauthorized: false }) : connection;
  const sent = sendHttp({
    method: request.method,
    path: target.path,
    headers: passedOn(request.headers, request),
    createConnection: () => secured as never,
  });
  sent.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedOn(answer.headers));
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  sent.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else unreachable(goError(error, address));
  });
  response.on('close', () => {
    sent.destroy();
    connection.destroy();
  });
  request.on('error', () => sent.destroy());
  request.pipe(sent);
}

/**
 * Passes a request for another protocol on, a WebSocket's for example, and joins both connections: its answer, whatever
 * it is, is the program's own.
 * @throws ApiError when nothing is there to reach
 */
export function serveProxyUpgrade(
  deps: { objects: ObjectReader; pods: PodAccess; random: Random['below'] },
  target: ProxyTarget,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const address = locate(deps, target);
  const connection = address.dial();
  if (!connection) {
    const why = `dial tcp ${address.ip}:${address.port}: connect: connection refused`;
    throw new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);
  }
  const secured =
    target.scheme === 'https' ? connectTls({ socket: connection, rejectUnauthorized: false }) : connection;
  const path = target.path.startsWith('/') ? target.path : `/${target.path}`;
  const headers = {
    ...passedOn(request.headers, request),
    connection: 'Upgrade',
    upgrade: request.headers.upgrade ?? '',
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((each) => `${name}: ${each}\r\n`),
  );
  const text = `${request.method ?? 'GET'} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  secured.write(Buffer.concat([Buffer.from(text, 'latin1'), head]));
  const cut = (): void => {
    secured.destroy();
    connection.destroy();
    socket.destroy();
  };
  for (const end of [secured, connection, socket]) end.on('error', cut).once('close', cut);
  secured.pipe(socket);
  socket.pipe(secured);
}

/** What Go says of a connection that ended too early. */
function goError(error: NodeJS.ErrnoException, { ip, port }: Address): string {
  if (error.message === 'socket hang up') return 'EOF';
  if (error.code === 'EPROTO') return 'http: server gave HTTP response to HTTPS client';
  if (error.code === 'ECONNRESET') return `read tcp 172.18.0.2:40000->${ip}:${port}: read: connection reset by peer`;
  return error.message;
}

function passedOn(headers: IncomingMessage['headers'], request?: IncomingMessage): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_PASSED_ON.has(name)) kept[name] = value;
  }
  if (!request) return kept;
  const forwarded = [headers['x-forwarded-for'] ?? [], request.socket.remoteAddress ?? []].flat();
  kept['x-forwarded-for'] = forwarded.join(', ');
  // Without a length the body comes in chunks, as it came.
  if (headers['transfer-encoding'] !== undefined) kept['transfer-encoding'] = 'chunked';
  return kept;
}

function locate(
  { objects, pods, random }: { objects: ObjectReader; pods: PodAccess; random: Random['below'] },
  target: ProxyTarget,
): Address {
  const found = target.plural === 'pods' ? locatePod(objects, target) : locateService(objects, target, random);
  const { pod, port } = found;
  return {
    ip: pod.status.podIP ?? '',
    port,
    dial: () => pods.sandbox(pod.metadata.uid ?? '')?.dialFromNode(port) ?? null,
  };
}

function locatePod(objects: ObjectReader, { namespace, name, port }: ProxyTarget): { pod: Pod; port: number } {
  const pod = podOf(objects, namespace, name);
  if (!pod.status.podIP) throw badRequest('address not allowed');
  const first = pod.spec.containers.flatMap(({ ports }) => ports ?? [])[0]?.containerPort ?? 80;
  return { pod, port: port === '' ? first : parsePort(port) };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw badRequest(`invalid port ${JSON.stringify(text)}`);
  return port;
}

function locateService(
  objects: ObjectReader,
  { namespace, name, id, port }: ProxyTarget,
  random: Random['below'],
): { pod: Pod; port: number } {
  const service = objects.get('services', namespace, name) as Service | undefined;
  if (!service) throw notFound({ plural: 'services', group: '' }, name);
  const portName = /^\d+$/.test(port) ? nameOfPort(service, port) : port;
  const slices = (objects.list('endpointslices.discovery.k8s.io', namespace) as readonly EndpointSlice[]).filter(
    (slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name,
  );
  const addresses = slices.flatMap((slice) => {
    const number = slice.ports?.find((one) => (one.name ?? '') === portName)?.port;
    if (number === undefined) return [];
    return (slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap((endpoint) => (endpoint.addresses ?? []).map((ip) => ({ ip, number })));
  });
  const chosen = addresses[random(Math.max(1, addresses.length))];
  const pod = (objects.list('pods', namespace) as readonly Pod[]).find(({ status }) => status.podIP === chosen?.ip);
  if (!chosen || !pod) throw unavailable(`no endpoints available for service ${JSON.stringify(id)}`);
  return { pod, port: chosen.number };
}

function nameOfPort(service: Service, port: string): string {
  const found = service.spec.ports?.find((one) => one.port === Number(port));
  if (!found) {
    throw unavailable(`no service port ${Number(port)} found for service ${JSON.stringify(service.metadata.name)}`);
  }
  return found.name ?? '';
}

const unavailable = (message: string) => new ApiError(503, 'ServiceUnavailable', message);
