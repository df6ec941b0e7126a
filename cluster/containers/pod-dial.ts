import { Connection } from '../network/connection.ts';
import { NODE_SIDE_IP, type PodNetwork } from '../network/network.ts';

/** Nobody looks at the port of a connection from the node; real ones are in this range. */
const NODE_SIDE_PORT = 40_000;

/**
 * Connects to 127.0.0.1 in the pod's network namespace. A sidecar's rules leave such connections alone, so this
 * reaches the application itself, whatever its PeerAuthentication says. Null when nothing listens.
 */
export function dialLocal(network: PodNetwork, port: number): Connection | null {
  return network.connectLocal(port, { ip: '127.0.0.1', port: NODE_SIDE_PORT }, { ip: '127.0.0.1', port });
}

/** Connects to the pod's address from outside of the mesh; its sidecar decides. Null when nothing listens. */
export function dialFromNode(network: PodNetwork, port: number, nodeIp: string | undefined): Connection | null {
  const from = { ip: nodeIp ?? NODE_SIDE_IP, port: NODE_SIDE_PORT };
  const { capture } = network;
  if (capture === null || capture.excludedInboundPorts.includes(port)) return network.connectLocal(port, from);
  if (capture.accepts?.(port) === false) return null;
  const [near, far] = Connection.pair(from, { ip: network.ip, port });
  near.on('error', () => {});
  network.adopt(far);
  capture.inbound(far);
  return near;
}
