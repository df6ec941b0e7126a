import type { MeshProtocol, MeshVerdict } from '../mesh.ts';
import type { MeshMessages } from './mesh-messages.ts';
import { meshNumbers } from './mesh-numbers.ts';
import { code } from './sentence.ts';

const plural = new Intl.PluralRules('en');
const { number, compact, percent, milliseconds, bytes, rate } = meshNumbers('en');

function count(value: number, one: string, other: string): string {
  return `${number(value)} ${plural.select(value) === 'one' ? one : other}`;
}

function amount(protocol: MeshProtocol, value: number): string {
  if (protocol === 'refused') return count(value, 'refused connection', 'refused connections');
  return protocol === 'tcp' ? count(value, 'connection', 'connections') : count(value, 'request', 'requests');
}

function within(minutes: number): string {
  return minutes === 1 ? 'in the last minute' : `in the last ${minutes} minutes`;
}

/** ` by PeerAuthentication x/y`, or nothing where no object decided. */
function by({ kind, policy }: MeshVerdict): string {
  return kind === null || policy === null ? '' : ` by ${kind} ${code(policy)}`;
}

function detailOf({ detail }: MeshVerdict): string {
  return detail === null ? '' : `: ${code(detail)}`;
}

function verdict(v: MeshVerdict): string {
  const rule = v.kind === null || v.policy === null ? null : `${v.kind} ${code(v.policy)}`;
  const asked = v.request === null ? 'this connection' : code(`${v.request.method} ${v.request.path}`);
  switch (v.code) {
    case 'plaintext-refused': {
      const server = `The server requires mutual TLS${by(v)} (${v.mode ?? 'STRICT'}, port ${v.port})`;
      if (v.client === null) return `${server}; the client is no part of the mesh and sent plaintext.`;
      return v.client.sidecar
        ? `${server}; the client has a proxy, but this connection came in plaintext.`
        : `${server}; the client has no sidecar and sent plaintext.`;
    }
    case 'foreign-tls-refused':
      return v.client?.sidecar === true
        ? `The client’s proxy spoke mutual TLS, and the server does not take it at port ${v.port}${by(v)} (${v.mode ?? 'DISABLE'}).`
        : `The client spoke TLS of its own, which port ${v.port} of the server does not take.`;
    case 'handshake-failed':
      return `The TLS handshake failed: the client showed no certificate of the mesh, and the server requires one${by(v)}.`;
    case 'authorization-denied':
      return `${rule ?? 'A policy'} denies ${asked}${v.detail === null ? '' : ` in ${code(v.detail)}`}.`;
    case 'authorization-not-allowed':
      return `No rule of ${rule ?? 'the policies that allow something'} allows ${asked}; as soon as a policy allows something, all else is denied.`;
    case 'token-rejected':
      return `${rule ?? 'The server'} refused the token of ${asked}${detailOf(v)}.`;
    case 'upstream-failed':
      return rule === null
        ? `The client’s proxy got no answer from the server (${code(v.detail ?? '-')}).`
        : `The client’s proxy sent as ${rule} tells it to, and got no answer from the server (${code(v.detail ?? '-')}).`;
    case 'destination-unknown':
      return `${rule ?? 'The route'} leads to what nobody defines${detailOf(v)}.`;
    case 'no-endpoints':
      return v.detail === null
        ? 'No ready pod stands behind the service.'
        : `No ready pod stands behind ${code(v.detail)} of ${rule ?? 'the service'}.`;
    case 'no-route':
      return rule === null ? `No route fits ${asked}.` : `No route of ${rule} fits ${asked}.`;
    case 'fault-injected':
      return `${rule ?? 'The route'} answers with an error on purpose${detailOf(v)}.`;
    case 'request-timeout':
      return `The time that ${rule ?? 'the route'} allows was over.`;
    case 'outbound-blocked':
      return `${rule ?? 'The mesh'} lets this client call registered hosts only.`;
  }
}

function advice(v: MeshVerdict): string | null {
  if (v.code === 'plaintext-refused') {
    if (v.client?.sidecar === true)
      return 'Look for a DestinationRule whose TLS mode is DISABLE, or, before Istio 1.5, for one that is missing.';
    return `Give the client a sidecar, or let plaintext in at this port alone with ${code('portLevelMtls')}.`;
  }
  if (v.code === 'upstream-failed' && v.kind === 'DestinationRule')
    return 'Compare the TLS mode of the rule with what the server takes.';
  if (v.code === 'authorization-not-allowed') return 'Compare the principal above with those that the policy names.';
  return null;
}

const FLAGS: Record<string, string> = {
  UC: 'the server closed the connection',
  UF: 'no connection to the server',
  UH: 'no healthy server',
  UO: 'too many at once',
  NR: 'no route',
  NC: 'no such destination',
  UT: 'took too long',
  URX: 'tried too often',
  DC: 'the client went away',
  UPE: 'the server does not speak HTTP',
  UAEX: 'denied by an authorizer',
  FI: 'error injected',
  DI: 'delay injected',
};

export const meshEn: MeshMessages = {
  tab: 'Mesh',
  region: 'Mesh view',
  loading: 'Looking at the mesh…',
  loadFailed: 'The mesh view could not be loaded. Reload the page to try again.',
  disconnected: 'The mesh shows again once the connection is back.',
  noMesh: 'There is no mesh to look at',
  noMeshText:
    'The cluster of this lesson has no Istio whose sidecars could tell who talks to whom, or it is a real one, whose telemetry Taller does not read.',
  emptyHeading: 'Nothing to see yet',
  emptyText: 'As soon as pods run outside of the system’s namespaces, they appear here, and their traffic with them.',
  quiet: 'No traffic in this window. Send a request from the terminal and watch it appear.',
  announce: (protocol, source, destination) =>
    protocol === 'refused'
      ? `A connection from ${source} to ${destination} was refused.`
      : `Requests from ${source} to ${destination} fail.`,

  toolbar: {
    view: 'View',
    graph: 'Graph',
    table: 'Table',
    dashboard: 'Dashboard',
    window: 'Time window',
    lastMinutes: (minutes) => (minutes === 1 ? 'Last minute' : `Last ${minutes} minutes`),
    idle: 'Idle ones too',
    withTerminal: 'Keep the terminal in view',
  },

  status: {
    mesh(status, byDefault) {
      switch (status) {
        case 'enabled':
          return byDefault ? 'Mesh-wide mTLS is enabled, clients choose it by themselves' : 'Mesh-wide mTLS is enabled';
        case 'partial':
          return 'Mesh-wide mTLS is partially enabled';
        case 'disabled':
          return 'Mesh-wide mTLS is disabled';
        case 'not-enabled':
          return 'Mesh-wide mTLS is not enabled';
      }
    },
    namespace(status, inherited) {
      const words = {
        enabled: 'mTLS is enabled for this namespace',
        partial: 'mTLS is partially enabled for this namespace',
        disabled: 'mTLS is disabled for this namespace',
        'not-enabled': 'mTLS is not enabled for this namespace',
      }[status];
      return inherited ? `${words}, as for the whole mesh.` : `${words}.`;
    },
    servers: (mode, object) =>
      mode === null || object === null
        ? 'No policy says what servers demand: they take plaintext and mutual TLS.'
        : `Servers: ${code(mode)} by ${code(object)}.`,
    clients: (mode, object, automatic) =>
      mode !== null && object !== null
        ? `Clients: ${code(mode)} by DestinationRule ${code(object)}.`
        : automatic
          ? 'Clients use mutual TLS by themselves wherever the server has a sidecar.'
          : 'Clients send plaintext unless a DestinationRule tells them otherwise.',
    details: 'Details',
    wholeMesh: 'Whole mesh',
    noSidecars: 'None of its pods has a sidecar, so it changes nothing here.',
  },

  node: {
    kind: {
      workload: 'Workload',
      gateway: 'Gateway',
      service: 'Service without a pod that was reached',
      external: 'Host outside of the cluster',
      outside: 'Client outside of the cluster',
      unknown: 'Nowhere',
    },
    name: { outside: 'Outside', unknown: 'Nowhere' },
    idleIn: (namespace) => `${namespace}, idle`,
    sidecar: 'Sidecar',
    noSidecar: 'No sidecar',
    pods: (pods) => count(pods, 'pod', 'pods'),
  },

  edge: {
    name: ({ source, destination, amount: words, health, lock }) =>
      `${[`${source} to ${destination}`, words, health, lock].filter((part) => part !== null).join(', ')}.`,
    health: {
      healthy: 'Healthy',
      degraded: 'Some errors',
      failing: 'Failing',
      tcp: 'TCP',
      idle: 'Idle',
      refused: 'Refused',
    },
    lock: { all: 'All over mutual TLS', some: 'Partly over mutual TLS', none: 'Plaintext' },
    protocol: { http: 'HTTP', grpc: 'gRPC', tcp: 'TCP', refused: 'None' },
    amount,
    short: (protocol, value) => (protocol === 'refused' ? `refused ×${compact(value)}` : `${compact(value)}×`),
  },

  panel: {
    heading: 'Details of a connection',
    close: 'Close the details',
    from: 'From',
    to: 'To',
    noIdentity: 'No certificate was shown.',
    noTraffic: 'Nothing passed in this window.',
    summary: (protocol, value, minutes) => `${amount(protocol, value)} ${within(minutes)}`,
    why: 'Why',
    times: (value) => `×${number(value)}`,
    mutual: (mutual, of) =>
      mutual === of
        ? 'mTLS enabled: both sides showed a certificate, and all of it was encrypted.'
        : mutual === 0
          ? 'Plaintext: nobody showed a certificate, and whoever listens can read it.'
          : `mTLS enabled for ${percent(mutual / of)} of the traffic; the rest was plaintext.`,
    noReport: 'Plaintext, as far as one can tell: the server has no sidecar that would report, or nothing reached it.',
    rate: 'Rate',
    errors: 'Errors',
    meanTime: 'Mean time',
    received: 'Received',
    sent: 'Sent',
    code: 'Code',
    flags: 'Flags',
    count: 'Requests',
    noAnswer: 'none',
    flag: (flag) =>
      flag
        .split(',')
        .map((one) => (FLAGS[one] === undefined ? one : `${one} (${FLAGS[one]})`))
        .join(', '),
    services: 'Asked for',
    unknownToIstio:
      'Istio’s telemetry calls this client “unknown”: no sidecar speaks for it. Which pod it was is added by Taller.',
    refusedIsOurs:
      'Added by Taller: a connection that is refused before any request leaves no trace in Istio’s metrics, so Kiali would show nothing here.',
    verdict,
    advice,
    number,
    percent,
    perSecond: (value) => `${rate(value)}/s`,
    milliseconds,
    bytes,
  },

  table: {
    caption: (minutes) => `Traffic ${within(minutes)}`,
    from: 'From',
    to: 'To',
    protocol: 'Protocol',
    traffic: 'Traffic',
    errors: 'Errors',
    mutual: 'mTLS',
    state: 'State',
    empty: 'Nobody has called anybody yet.',
    details: (source, destination) => `Details: ${source} to ${destination}`,
    workloads: 'Workloads',
    workload: 'Workload',
    namespace: 'Namespace',
    kind: 'Kind',
    sidecar: 'Sidecar',
    pods: 'Pods',
    yes: 'yes',
    no: 'no',
  },

  dashboard: {
    caption: (minutes) => `Requests to each workload ${within(minutes)}`,
    workload: 'Workload',
    volume: 'Request volume',
    success: 'Success rate',
    mutual: 'mTLS share',
    note: 'A success is every answer but a 5xx, as in Grafana. Errors of the graph count 4xx too, as in Kiali.',
    noRequests: 'No requests in this window.',
    globalVolume: 'Global request volume',
    globalSuccess: 'Global success rate',
    chart: (measure, workload, value) => `${measure} of ${workload} over time, ${value} in all`,
  },

  legend: {
    heading: 'Legend',
    health: {
      healthy: 'HTTP without errors',
      degraded: 'Errors up to 20 %',
      failing: 'Errors above 20 %',
      tcp: 'TCP',
      idle: 'No traffic in this window',
      refused: 'Refused connections (added by Taller)',
    },
  },
};
