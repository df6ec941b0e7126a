import type { KubernetesObject } from '../../objects/object.ts';
import type { Gateway, GatewayServer } from '../gateway.ts';

const PROTOCOLS = new Set(
  ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTPS', 'TLS', 'TCP', 'MONGO', 'REDIS', 'MYSQL', 'UDP'].concat('HTTP_PROXY'),
);
const PLAIN_HTTP = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTP_PROXY']);

export function* gatewayProblems(object: KubernetesObject): Generator<string> {
  const servers = (object as Gateway).spec?.servers ?? [];
  if (servers.length === 0) yield 'gateway must have at least one server';
  for (const server of servers) yield* serverProblems(server);
  const names = new Set<string>();
  for (const { port } of servers) {
    const name = port?.name ?? '';
    if (names.has(name)) yield `port names in servers must be unique: duplicate name ${name}`;
    names.add(name);
  }
}

function* serverProblems({ hosts = [], port, tls }: GatewayServer): Generator<string> {
  if (hosts.length === 0) yield 'server config must contain at least one host';
  const protocol = port?.protocol?.toUpperCase() ?? '';
  if (!PROTOCOLS.has(protocol)) {
    yield `invalid protocol ${JSON.stringify(port?.protocol ?? '')}, supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP`;
    return;
  }
  const isTls = protocol === 'HTTPS' || protocol === 'TLS';
  if (isTls && tls === undefined) yield 'server must have TLS settings for HTTPS/TLS protocols';
  if (!isTls && tls !== undefined) {
    if (!PLAIN_HTTP.has(protocol)) yield 'server cannot have TLS settings for non HTTPS/TLS ports';
    // Only a redirection to https is allowed there; PASSTHROUGH is the mode that an absent one stands for.
    else if (tls.mode !== undefined && tls.mode !== 'PASSTHROUGH' && tls.mode !== 'AUTO_PASSTHROUGH') {
      yield 'server cannot have TLS settings for plain text HTTP ports';
    }
  }
}
