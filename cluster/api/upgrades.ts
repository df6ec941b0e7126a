/** exec, attach, portforward, and what is proxied: requests that turn their connection over to another protocol. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import { type Duplex } from 'node:stream';
import { type Clock } from '../clock.ts';
import { ApiError, badRequest, noSuchPath } from '../objects/api-error.ts';
import { type Random } from '../objects/random.ts';
import { type ObjectStore } from '../objects/store.ts';
import { authorize } from './authorizer.ts';
import { identityOf } from './identity.ts';
import { type PodAccess } from './pod-access.ts';
import { containerNotRunning, locateContainer, podOf } from './pod-container.ts';
import { type ForwardTarget } from './port-forward.ts';
import { parseProxyTarget, serveProxyUpgrade } from './proxy.ts';
import { startRemoteAttach, startRemoteExec, type RemoteOptions, type StartRemote } from './remote-process.ts';
import { type Authenticate } from './server.ts';
import { flag, parseResourcePath, parseTarget, verbOf, type ResourcePath } from './request.ts';
import { PROCESS_PROTOCOLS, serveSpdyProcess } from './spdy-exec.ts';
import { PORT_FORWARD_PROTOCOL, serveSpdyPortForward } from './spdy-port-forward.ts';
import { asksForSpdy, negotiate, switchToSpdy } from './stream-protocol.ts';
import { offersChannels, serveChannels } from './websocket-exec.ts';
import {
  offersPortChannels,
  offersTunnel,
  openTunnel,
  parsePorts,
  servePortChannels,
} from './websocket-port-forward.ts';

export interface UpgradeHandler {
  /** Serves a request with an `Upgrade` header, or refuses it with a `Status`. Never throws. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer, authenticate: Authenticate): void;
  /** Cuts all connections that were turned over. */
  dispose(): void;
}

export function createUpgradeHandler(deps: {
  store: ObjectStore;
  clock: Clock;
  pods: PodAccess;
  random: Random['below'];
}): UpgradeHandler {
  const { store, clock, pods, random } = deps;
  const open = new Set<Duplex>();

  function serve(request: IncomingMessage, socket: Duplex, head: Buffer, authenticate: Authenticate): void {
    const user = identityOf(store, request, authenticate(request));
    const { segments, query } = parseTarget(request.url ?? '/');
    const path = parseResourcePath(segments);
    const proxied = parseProxyTarget(request.url ?? '/');
    if (proxied) {
      const { namespace, plural: resource, name } = proxied;
      authorize(store, user, {
        verb: verbOf(request.method ?? 'GET', true) ?? 'get',
        group: '',
        resource,
        subresource: 'proxy',
        namespace,
        name,
      });
      serveProxyUpgrade({ objects: store, pods, random }, proxied, request, socket, head);
      return;
    }
    if (!path || path.plural !== 'pods' || path.group !== '' || path.name === undefined) throw noSuchPath();
    const { namespace, name, subresource } = path;
    if (subresource !== 'exec' && subresource !== 'attach' && subresource !== 'portforward') throw noSuchPath();
    authorize(store, user, {
      verb: 'create',
      group: '',
      resource: 'pods',
      subresource,
      namespace,
      name,
    });
    if (subresource === 'portforward') servePorts(request, socket, head, locatePod(path), query);
    else serveProcess(request, socket, head, path, query);
  }

  function serveProcess(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    path: ResourcePath,
    query: URLSearchParams,
  ): void {
    const options = {
      stdin: flag(query, 'stdin'),
      stdout: flag(query, 'stdout'),
      stderr: flag(query, 'stderr'),
      tty: flag(query, 'tty'),
    };
    const start = prepare(path, query, options);
    if (asksForSpdy(request)) {
      const protocol = negotiate(request, PROCESS_PROTOCOLS);
      switchToSpdy(socket, protocol);
      serveSpdyProcess(socket, head, options, clock, start);
    } else if (offersChannels(request)) serveChannels(request, socket, head, options, start);
    else throw badRequest('the server speaks v5.channel.k8s.io and v4.channel.k8s.io over WebSocket, and SPDY/3.1');
  }

  function prepare(path: ResourcePath, query: URLSearchParams, options: RemoteOptions): StartRemote {
    const { pod, containerName, container } = locateContainer(store, pods, path, query);
    if (!container) throw containerNotRunning(pod, containerName);
    if (path.subresource === 'attach') return (streams) => startRemoteAttach(container, options, streams);
    const command = query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least one command for the container');
    return (streams) => startRemoteExec(container, command, options, streams);
  }

  function locatePod({ namespace, name = '' }: ResourcePath): ForwardTarget {
    const pod = podOf(store, namespace, name);
    if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
    const sandbox = pods.sandbox(pod.metadata.uid ?? '');
    if (!sandbox) {
      throw new ApiError(500, 'InternalError', `pod not running, unable to forward port: ${pod.status.phase}`);
    }
    return { pod, sandbox };
  }

  function servePorts(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: ForwardTarget,
    query: URLSearchParams,
  ): void {
    if (asksForSpdy(request)) {
      switchToSpdy(socket, negotiate(request, [PORT_FORWARD_PROTOCOL]));
      serveSpdyPortForward(socket, head, target, clock);
    } else if (offersTunnel(request)) {
      openTunnel(request, socket, head, (tunnel) => serveSpdyPortForward(tunnel, Buffer.alloc(0), target, clock));
    } else if (offersPortChannels(request)) servePortChannels(request, socket, head, target, parsePorts(query));
    else throw badRequest('the server forwards ports over SPDY/3.1, and over WebSocket as SPDY/3.1+portforward.k8s.io');
  }

  return {
    handle(request, socket, head, authenticate) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
      try {
        serve(request, socket, head, authenticate);
      } catch (error) {
        refuse(socket, error);
      }
    },
    dispose() {
      for (const socket of open) socket.destroy();
      open.clear();
    },
  };
}

function refuse(socket: Duplex, error: unknown): void {
  const refused =
    error instanceof ApiError ? error : new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  const body = JSON.stringify(refused.toStatus());
  socket.end(
    `HTTP/1.1 ${refused.code} ${STATUS_CODES[refused.code] ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
