import type { MeshEdge, MeshGraph, MeshNode, MeshVerdict } from '../../../common/mesh.ts';

/** Graphs as the server sends them. */

export function node(namespace: string, name: string, rest: Partial<MeshNode> = {}): MeshNode {
  const zeros = Array.from({ length: 13 }, () => 0);
  return {
    id: `workload ${namespace}/${name}`,
    kind: 'workload',
    namespace,
    name,
    app: name,
    version: 'v1',
    sidecar: true,
    pods: 1,
    points: { requests: zeros, successes: zeros, mutual: zeros },
    ...rest,
  };
}

export function edge(source: MeshNode, destination: MeshNode, rest: Partial<MeshEdge> = {}): MeshEdge {
  const protocol = rest.protocol ?? 'http';
  const count = rest.count ?? 1;
  return {
    id: `${source.id} > ${destination.id} ${protocol}`,
    source: source.id,
    destination: destination.id,
    protocol,
    unknownToIstio: false,
    count,
    recent: 0,
    responses: [{ code: 200, flags: '-', count }],
    errors: 0,
    meanMs: 4,
    receivedBytes: 0,
    sentBytes: 1234,
    mutual: { count, of: count },
    sourceIdentity: `spiffe://cluster.local/ns/${source.namespace}/sa/${source.name}`,
    destinationIdentity: `spiffe://cluster.local/ns/${destination.namespace}/sa/${destination.name}`,
    services: [`${destination.name}.${destination.namespace}.svc.cluster.local`],
    verdicts: [],
    ...rest,
  };
}

export function graph(nodes: MeshNode[], edges: MeshEdge[], rest: Partial<MeshGraph> = {}): MeshGraph {
  const status = { status: 'not-enabled', server: null, client: null } as const;
  return {
    time: 1_800_000_000_000,
    windowSeconds: 60,
    stepSeconds: 5,
    mesh: status,
    automatic: true,
    namespaces: [...new Set(nodes.flatMap(({ namespace }) => namespace ?? []))].map((namespace) => ({
      namespace,
      inherited: true,
      ...status,
    })),
    nodes,
    edges,
    ...rest,
  };
}

export function verdict(rest: Partial<MeshVerdict> = {}): MeshVerdict {
  const party = { namespace: 'legacy', pod: 'curl-1', serviceAccount: 'curl', sidecar: false };
  return {
    time: 1_800_000_000_000,
    code: 'plaintext-refused',
    client: party,
    server: { ...party, namespace: 'shop', pod: 'web-1', sidecar: true },
    port: 8080,
    mode: 'STRICT',
    kind: 'PeerAuthentication',
    policy: 'istio-system/default',
    detail: null,
    request: null,
    ...rest,
  };
}
