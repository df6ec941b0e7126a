import type { Clock, RandomBytes } from '../clock.ts';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import { Connection, NetworkError, type Endpoint } from './connection.ts';
import { createDns, type Dns } from './dns.ts';
import { createObjectIndex } from './object-index.ts';
import { createServiceTable, type ServiceTable } from './services.ts';

/** A SYN that nobody answers: Linux gives up after 6 retries, 1 + 2 + 4 + … + 64 s. */
const CONNECT_TIMEOUT_MS = 127_000;

/** Linux' range of ephemeral ports starts here. */
const FIRST_EPHEMERAL_PORT = 32_768;
const EPHEMERAL_PORTS = 28_232;

/** The bridge's address on the node, where its connections to pods come from. */
export const NODE_SIDE_IP = '10.244.0.1';

/** The user of istio-proxy; the capture leaves its connections alone. */
export const PROXY_UID = 1337;

/** kubeadm's address of the service kube-dns, for a cluster that has no such object. */
const DEFAULT_NAMESERVER = '10.96.0.10';

export type Accept = (connection: Connection) => void;

/** The iptables rules of a sidecar: who takes a pod's connections instead of their destination. */
export interface Capture {
  /** Whether anything listens on a port, for a proxy that is the program of its pod; a sidecar's takes every port. */
  accepts?(port: number): boolean;
  /** Addresses of a name that the pod's own DNS proxy knows; null for all others. */
  resolve?(name: string): string[] | null;
  /** Takes a connection from outside to a port of the pod. Decides alone what becomes of it. */
  inbound(connection: Connection): void;
  /** Takes a connection of a process of the pod; `connection.local` is the original destination. */
  outbound(connection: Connection): void;
  /** Ports that are not captured on their way in. */
  excludedInboundPorts: readonly number[];
}

export interface ConnectOptions {
  /** Connections of uid 1337 pass the capture by: it is the proxy's own. */
  uid?: number;
  signal?: AbortSignal;
}

/** A pod's place in the network. */
export interface PodNetwork {
  readonly ip: string;
  readonly pod: KubernetesObject;
  capture: Capture | null;
  /** Addresses of a name as the pod sees it; null when it does not exist. */
  resolve(name: string): { name: string; addresses: string[] } | null;
  /** The search list of its resolv.conf. */
  searchList(): string[];
  /** Address of the cluster's DNS. */
  nameserver(): string;
  /** @throws NetworkError ECONNREFUSED, ETIMEDOUT (after 127 s), ECANCELED when the signal aborts. */
  connect(destination: Endpoint, options?: ConnectOptions): Promise<Connection>;
  /** @throws NetworkError EADDRINUSE. @returns closes the port; open connections stay. */
  listen(port: number, accept: Accept): () => void;
  listensOn(port: number): boolean;
  /** Ports that something listens on, in ascending order. */
  ports(): number[];
  /** Connects to what listens on the pod's own port, past the capture; null when nothing does. */
  connectLocal(port: number, from: Endpoint, dialled?: Endpoint): Connection | null;
  /** Makes a connection end with the pod. */
  adopt(connection: Connection): void;
  /** Resets all connections and gives the address back. */
  dispose(): void;
}

export interface Network {
  readonly dns: Dns;
  readonly services: ServiceTable;
  attach(pod: KubernetesObject, ip: string): PodNetwork;
  at(ip: string): PodNetwork | undefined;
  /**
   * Connects from the node, which stands outside of the mesh: to a pod, a service's addresses, or a node port.
   * @throws NetworkError ECONNREFUSED, ETIMEDOUT (after 127 s), ECANCELED when the signal aborts.
   */
  connectFromNode(destination: Endpoint, signal?: AbortSignal): Promise<Connection>;
  /** Takes connections to a port of the nodes' own addresses. @throws NetworkError EADDRINUSE. @returns closes the port */
  listenOnNode(port: number, accept: Accept): () => void;
  dispose(): void;
}

/**
 * The network of one cluster, all in this process: pods, cluster IPs with kube-proxy's choice among ready endpoints,
 * and DNS. Left out: UDP, network policies, latency and loss.
 */
export function createNetwork(deps: { objects: ObjectReader; clock: Clock; randomBytes: RandomBytes }): Network {
  const services = createServiceTable(deps.objects);
  const nodes = createObjectIndex(deps.objects, 'nodes', (node) => internalIps(node));
  const dns = createDns(services);
  const pods = new Map<string, PodNetwork>();
  const nodePorts = new Map<number, Accept>();
  let nextPort = 0;

  const ephemeralPort = (): number => FIRST_EPHEMERAL_PORT + (nextPort++ % EPHEMERAL_PORTS);

  const neverAnswered = (signal: AbortSignal | undefined): Promise<never> =>
    new Promise((_resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(new NetworkError('ECANCELED', 'connect ECANCELED'));
      };
      const cancel = deps.clock.schedule(CONNECT_TIMEOUT_MS, () => {
        signal?.removeEventListener('abort', abort);
        reject(new NetworkError('ETIMEDOUT', 'connect ETIMEDOUT'));
      });
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });

  /** kube-proxy: from a service's address or a node port to one of its endpoints. Undefined: the packet goes nowhere. */
  const translate = (destination: Endpoint): Endpoint | undefined => {
    const onNode = nodes.get(destination.ip).length > 0;
    if (onNode && nodePorts.has(destination.port)) return destination;
    const service = onNode ? services.byNodePort(destination.port) : services.byAddress(destination.ip);
    if (service === undefined && onNode) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
    if (service === undefined) return destination;
    const port = service.spec?.ports?.find(
      (candidate) => (onNode ? candidate.nodePort : candidate.port) === destination.port,
    );
    if (port === undefined) return undefined;
    const endpoints = services.endpoints(service, port);
    // Kubernetes pkg/proxy/iptables: a service without endpoints gets a REJECT rule.
    if (endpoints.length === 0) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
    const dice = deps.randomBytes(2);
    return endpoints[((dice[0] ?? 0) * 256 + (dice[1] ?? 0)) % endpoints.length];
  };

  /** To what listens on the node itself. */
  const reachNode = (from: Endpoint, target: Endpoint, dialled: Endpoint): Promise<Connection> => {
    const accept = nodePorts.get(target.port);
    if (accept === undefined) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
    const [near, far] = Connection.pair(from, target, dialled);
    for (const end of [near, far]) end.on('error', () => {});
    accept(far);
    return Promise.resolve(near);
  };

  /** To a pod from outside of it: its capture decides where it has one. */
  const reach = (from: Endpoint, destination: Endpoint, signal: AbortSignal | undefined): Promise<Connection> => {
    const target = translate(destination);
    if (target !== undefined && nodes.get(target.ip).length > 0) return reachNode(from, target, destination);
    const peer = target === undefined ? undefined : pods.get(target.ip);
    if (target === undefined || peer === undefined) return neverAnswered(signal);
    const { capture } = peer;
    if (capture !== null && !capture.excludedInboundPorts.includes(target.port)) {
      if (capture.accepts?.(target.port) === false) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
      const [near, far] = Connection.pair(from, target, destination);
      near.on('error', () => {});
      peer.adopt(far);
      capture.inbound(far);
      return Promise.resolve(near);
    }
    const near = peer.connectLocal(target.port, from, destination);
    if (near === null) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
    return Promise.resolve(near);
  };

  const attach = (pod: KubernetesObject, ip: string): PodNetwork => {
    const listeners = new Map<number, Accept>();
    const open = new Set<Connection>();

    const track = (connection: Connection): void => {
      open.add(connection);
      connection.once('close', () => open.delete(connection));
      // Whoever uses the connection hears of its errors; one that nobody uses any more must not end the process.
      connection.on('error', () => {});
    };
    const connectLocal = (port: number, from: Endpoint, dialled?: Endpoint): Connection | null => {
      const { capture } = self;
      // A gateway's proxy is the pod's own program: it is there for callers inside of the pod as well.
      const proxy: Accept | undefined = capture?.accepts?.(port) === true ? (far) => capture.inbound(far) : undefined;
      const accept = listeners.get(port) ?? proxy;
      if (accept === undefined) return null;
      const [near, far] = Connection.pair(from, { ip, port }, dialled);
      // The near end belongs to whoever connects; it hears of this pod's end by a reset.
      near.on('error', () => {});
      track(far);
      accept(far);
      return near;
    };

    const self: PodNetwork = {
      ip,
      pod,
      capture: null,
      resolve(name) {
        const addresses = self.capture?.resolve?.(name) ?? null;
        if (addresses !== null) return { name, addresses };
        return dns.resolve(name, pod.metadata.namespace ?? 'default');
      },
      searchList: () => dns.searchList(pod.metadata.namespace ?? 'default'),
      nameserver: () => services.byName('kube-system', 'kube-dns')?.spec?.clusterIP ?? DEFAULT_NAMESERVER,
      async connect(destination, { uid = 0, signal } = {}) {
        const from: Endpoint = { ip, port: ephemeralPort() };
        const isOwn = destination.ip === ip;
        // Istio tools/istio-iptables, capture/run.go: what the proxy sends to its own pod's address, because the pod
        // calls its own service, is for its inbound side; what the program sends there goes straight to itself.
        const comesRound = isOwn && uid === PROXY_UID && self.capture !== null && self.capture.accepts === undefined;
        if (destination.ip.startsWith('127.') || (isOwn && !comesRound)) {
          const near = connectLocal(destination.port, { ip: '127.0.0.1', port: from.port });
          if (near === null) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
          track(near);
          return near;
        }
        if (self.capture !== null && uid !== PROXY_UID) {
          const [near, far] = Connection.pair(from, destination);
          track(near);
          track(far);
          self.capture.outbound(far);
          return near;
        }
        const near = await reach(from, destination, signal);
        track(near);
        return near;
      },
      listen(port, accept) {
        if (listeners.has(port)) throw new NetworkError('EADDRINUSE', 'listen EADDRINUSE');
        listeners.set(port, accept);
        return () => {
          if (listeners.get(port) === accept) listeners.delete(port);
        };
      },
      listensOn: (port) => listeners.has(port),
      ports: () => [...listeners.keys()].sort((a, b) => a - b),
      connectLocal,
      adopt: track,
      dispose() {
        if (pods.get(ip) === self) pods.delete(ip);
        listeners.clear();
        for (const connection of open) connection.resetAndDestroy();
        open.clear();
      },
    };
    pods.set(ip, self);
    return self;
  };

  return {
    dns,
    services,
    attach,
    at: (ip) => pods.get(ip),
    connectFromNode: async (destination, signal) =>
      reach({ ip: NODE_SIDE_IP, port: ephemeralPort() }, destination, signal),
    listenOnNode(port, accept) {
      if (nodePorts.has(port)) throw new NetworkError('EADDRINUSE', 'listen EADDRINUSE');
      nodePorts.set(port, accept);
      return () => void nodePorts.delete(port);
    },
    dispose() {
      for (const pod of pods.values()) pod.dispose();
      services.dispose();
      nodes.dispose();
    },
  };
}

function internalIps(node: KubernetesObject): string[] {
  const { status } = node as KubernetesObject & { status?: { addresses?: { type: string; address: string }[] } };
  return (status?.addresses ?? []).flatMap(({ type, address }) => (type === 'InternalIP' ? address : []));
}
