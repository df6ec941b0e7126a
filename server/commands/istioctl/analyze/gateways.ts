/** pkg/config/analysis/analyzers/gateway: who listens, with which certificate, and whether another does the same. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { selects, type Gateway } from '../istio-objects.ts';
import type { KubernetesObject } from '../resources.ts';
import { fullName, type Finding } from './finding.ts';
import { intersect } from './hosts.ts';
import { namespaceOf, renderLabels, type Snapshot } from './snapshot.ts';

function podsOf(snapshot: Snapshot, { spec }: Gateway) {
  return snapshot.of('pods').filter(({ metadata }) => selects(spec?.selector, metadata.labels));
}

function missing(object: Gateway, type: string, value: string): Finding {
  return { level: 'Error', code: 'IST0101', object, text: `Referenced ${type} not found: ${JSON.stringify(value)}` };
}

/** Gateways of no pod, and ports that no service leads to. */
export function findPorts(snapshot: Snapshot): Finding[] {
  return snapshot.of('gateways').flatMap((object): Finding[] => {
    const pods = podsOf(snapshot, object);
    const selector = renderLabels(object.spec?.selector);
    if (pods.length === 0) return selector === '' ? [] : [missing(object, 'selector', selector)];
    const ports = snapshot
      .of('services')
      .filter(({ metadata, spec }) =>
        pods.some(
          (pod) =>
            metadata.namespace === pod.metadata.namespace &&
            Object.keys(spec?.selector ?? {}).length > 0 &&
            selects(spec?.selector, pod.metadata.labels),
        ),
      )
      .flatMap(({ spec }) => spec?.ports ?? [])
      .filter(({ protocol = 'TCP' }) => protocol === 'TCP');
    const isOld = snapshot.minor < 21;
    const reached = new Set(
      // Where a target is named, upstream takes the service's own port.
      ports.map(({ port, targetPort }) => (isOld || typeof targetPort !== 'number' ? port : targetPort)),
    );
    return (object.spec?.servers ?? []).flatMap(({ port }): Finding[] => {
      const number = port?.number ?? 0;
      if (port === undefined || reached.has(number)) return [];
      if (isOld) {
        const text = `The gateway refers to a port that is not exposed on the workload (pod selector ${selector}; port ${number})`;
        return [{ level: 'Warning', code: 'IST0104', object, text }];
      }
      const text = `The gateway is listening on a target port (port ${number}) that is not defined in the Service associated with its workload instances (Pod selector ${selector}). If you need to access the gateway port through the gateway Service, it will not be available.`;
      return [{ level: 'Warning', code: 'IST0162', object, text }];
    });
  });
}

/** Certificates are looked for where the gateway's pods are. */
export function findSecrets(snapshot: Snapshot): Finding[] {
  return snapshot.of('gateways').flatMap((object) => {
    const namespaces = new Set(podsOf(snapshot, object).map(({ metadata }) => metadata.namespace));
    if (namespaces.size === 0) return [];
    return (object.spec?.servers ?? []).flatMap(({ tls }): Finding[] => {
      const name = tls?.credentialName;
      if (name === undefined || name === '') return [];
      const secret = snapshot
        .of('secrets')
        .find(({ metadata }) => metadata.name === name && namespaces.has(metadata.namespace));
      if (secret === undefined) return [missing(object, 'credentialName', name)];
      if (isCertificate(secret)) return [];
      const text = `The credential referenced by the Gateway ${object.metadata.name} in namespace ${namespaceOf(object)} is invalid, which can cause the traffic not to work as expected.`;
      return [{ level: 'Error', code: 'IST0161', object, text }];
    });
  });
}

/** A certificate with its key, by the names of either kind of secret. */
function isCertificate({ data }: KubernetesObject & { data?: Record<string, string> }): boolean {
  const read = (...names: string[]): Buffer =>
    Buffer.from(names.map((name) => data?.[name]).find((value) => value !== undefined) ?? '', 'base64');
  try {
    return new X509Certificate(read('tls.crt', 'cert')).checkPrivateKey(createPrivateKey(read('tls.key', 'key')));
  } catch {
    return false;
  }
}

/** One certificate at two Gateways of the same pods. */
export function findCertificates(snapshot: Snapshot): Finding[] {
  const all = snapshot.of('gateways');
  return all.flatMap((object) =>
    all
      .filter((other) => other !== object && renderLabels(other.spec?.selector) === renderLabels(object.spec?.selector))
      .filter((other) => credentialsOf(other).some((name) => credentialsOf(object).includes(name)))
      .map((other): Finding => {
        const text = `Duplicate certificate in multiple gateways [${fullName(object)} ${fullName(other)}] may cause 404s if clients re-use HTTP2 connections.`;
        return { level: 'Warning', code: 'IST0138', object, text };
      }),
  );
}

function credentialsOf({ spec }: Gateway): string[] {
  return (spec?.servers ?? []).flatMap(({ tls }) => tls?.credentialName ?? []);
}

/** One port of one workload, the same hosts, two Gateways. */
export function findConflicts(snapshot: Snapshot): Finding[] {
  return snapshot.of('gateways').flatMap((gateway) => conflictsOf(snapshot, gateway));
}

function conflictsOf(snapshot: Snapshot, gateway: Gateway): Finding[] {
  const selector = renderLabels(gateway.spec?.selector);
  return (gateway.spec?.servers ?? []).flatMap(({ port, hosts = [] }): Finding[] => {
    const others = snapshot
      .of('gateways')
      .filter(
        (other) =>
          fullName(other) !== fullName(gateway) &&
          renderLabels(other.spec?.selector) === selector &&
          (other.spec?.servers ?? []).some(
            (server) =>
              server.port?.number === port?.number &&
              (server.hosts ?? []).some((each) => hosts.some((host) => intersect(bare(each), bare(host)))),
          ),
      );
    if (others.length === 0) return [];
    const names = others.map(fullName).sort().join(',');
    const text = `Conflict with gateways ${names} (workload selector ${selector}, port ${port?.number ?? 0}, hosts ${hosts.join(',')}).`;
    return [{ level: 'Error', code: 'IST0145', object: gateway, text }];
  });
}

function bare(host: string): string {
  return host.slice(host.indexOf('/') + 1);
}
