/** One forwarded connection: from a client's stream to a port inside of a pod. */
import { type Duplex } from 'node:stream';
import { type PodSandbox } from '../containers/runtime.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';

/** A pod that ports are forwarded to. */
export interface ForwardTarget {
  pod: Pod;
  sandbox: PodSandbox;
}

/**
 * Connects `client` with the port.
 * @param fail says why it cannot be done; called at most once
 */
export function forward(
  { pod, sandbox }: ForwardTarget,
  port: number,
  client: Duplex,
  fail: (text: string) => void,
): void {
  const application = sandbox.dialLocal(port);
  if (!application) {
    fail(refusal(pod, port));
    return void client.destroy();
  }
  // A reset by the application is no failure of the forwarding: upstream's copies just end.
  application.on('error', () => client.destroy());
  application.on('close', () => client.end());
  // What the client sent before it went still reaches the application, when its end did.
  client.on('close', () => {
    if (application.writableEnded && !application.writableFinished)
      application.on('finish', () => application.destroy());
    else application.destroy();
  });
  client.pipe(application);
  application.pipe(client);
}

// containerd 2, internal/cri/server/podsandbox/sandbox_portforward_linux.go.
function refusal(pod: Pod, port: number): string {
  const namespace = `/var/run/netns/cni-${pod.metadata.uid ?? ''}`;
  return `error forwarding port ${port} to pod ${sandboxId(pod)}, uid : failed to execute portforward in network namespace ${JSON.stringify(namespace)}: failed to connect to localhost:${port} inside namespace ${JSON.stringify(sandboxId(pod))}, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found `;
}

// The runtime's number of the pod; nothing else shows it.
function sandboxId(pod: Pod): string {
  return (pod.metadata.uid ?? '').replaceAll('-', '').padEnd(64, '0');
}
