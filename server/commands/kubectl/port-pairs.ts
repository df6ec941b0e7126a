import { isRecord, type ApiObject } from './api/object.ts';
import { CommandError } from './errors.ts';
import type { Pod } from './pods.ts';

export interface PortPair {
  /** 0 for any free one. */
  local: number;
  /** Of the pod. */
  remote: number;
}

interface NamedPort {
  name?: string;
  port?: number;
  containerPort?: number;
  targetPort?: number | string;
}

/**
 * `8080:80`, `:80`, `80` or `8080:http`. Ports of a service are those of its pods that they lead to.
 * kubectl/pkg/cmd/portforward/portforward.go, translateServicePortToTargetPort and convertPodNamedPortToNumber.
 * @param holder what the command line named: the pod itself, its service or its owner.
 * @throws CommandError
 */
export function readPortPairs(words: readonly string[], holder: ApiObject, pod: Pod): PortPair[] {
  return words.map((word) => {
    const parts = word.split(':');
    // Upstream takes no notice of what stands behind a second colon, nor before it.
    const [first = ''] = parts;
    const second = parts.length === 2 ? parts[1] : undefined;
    const wanted = second ?? first;
    if (second === undefined && Number(first) > 65535) throw outOfRange('local', first);
    const remote = holder.kind === 'Service' ? portOfService(wanted, holder, pod) : portOfPod(wanted, pod, word);
    const local =
      second === undefined ? (/^\d+$/.test(first) ? Number(first) : remote) : first === '' ? 0 : Number(first);
    if (!Number.isInteger(local) || local < 0 || local > 65535) {
      throw new CommandError(
        `error parsing local port '${first}': strconv.ParseUint: parsing ${JSON.stringify(first)}: ${/^\d+$/.test(first) ? 'value out of range' : 'invalid syntax'}`,
      );
    }
    return { local, remote };
  });
}

function outOfRange(which: 'local' | 'remote', text: string): CommandError {
  return new CommandError(
    `error parsing ${which} port '${text}': strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`,
  );
}

function portOfPod(wanted: string, pod: Pod, word: string): number {
  if (/^\d+$/.test(wanted)) {
    const port = Number(wanted);
    if (port === 0) throw new CommandError('remote port must be > 0');
    if (port > 65535) throw outOfRange('remote', wanted);
    return port;
  }
  if (wanted === '') throw new CommandError(`error parsing ports: invalid port format '${word}'`);
  const found = podPorts(pod).find(({ name }) => name === wanted)?.containerPort;
  if (found !== undefined) return found;
  throw new CommandError(`Pod '${pod.metadata.name ?? ''}' does not have a named port '${wanted}'`);
}

function portOfService(wanted: string, service: ApiObject, pod: Pod): number {
  const spec = isRecord(service.spec) ? service.spec : {};
  const ports = (Array.isArray(spec.ports) ? spec.ports : []) as NamedPort[];
  const number = /^\d+$/.test(wanted);
  const found = ports.find(({ name, port }) => (number ? port === Number(wanted) : name === wanted));
  const name = service.metadata?.name ?? '';
  if (!found) {
    throw new CommandError(
      number
        ? `Service ${name} does not have a service port ${wanted}`
        : `Service '${name}' does not have a named port '${wanted}'`,
    );
  }
  if (spec.clusterIP === 'None') return number ? Number(wanted) : (found.port ?? 0);
  const { targetPort, port = 0 } = found;
  if (targetPort === undefined || targetPort === 0) return port;
  if (typeof targetPort === 'number') return targetPort;
  const named = podPorts(pod).find((each) => each.name === targetPort)?.containerPort;
  if (named !== undefined) return named;
  throw new CommandError(
    `no named port ${JSON.stringify(targetPort)} found in pod ${JSON.stringify(pod.metadata.name ?? '')}`,
  );
}

function podPorts(pod: Pod): NamedPort[] {
  return pod.spec.containers.flatMap(({ ports }) => (Array.isArray(ports) ? (ports as NamedPort[]) : []));
}
