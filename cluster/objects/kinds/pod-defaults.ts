import { type JsonObject } from '../json.ts';
import { type Container, type PodSpec, type Probe } from './pod-types.ts';

/**
 * Defaults of a pod's spec, also within the templates of workloads.
 * Kubernetes 1.32, pkg/apis/core/v1/defaults.go, SetDefaults_PodSpec, _Container, _Probe, _Volume.
 */
export function setPodSpecDefaults(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always';
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.securityContext ??= {};
  spec.schedulerName ??= 'default-scheduler';
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) setContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) setContainerDefaults(container);
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
}

function setContainerDefaults(container: Container): void {
  container.imagePullPolicy ??= defaultPullPolicy(container.image ?? '');
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.resources ??= {};
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const probe of [container.readinessProbe, container.livenessProbe, container.startupProbe]) {
    if (probe) setProbeDefaults(probe);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) (valueFrom.fieldRef as { apiVersion?: string }).apiVersion ??= 'v1';
  }
}

/** A limit without a request is the request as well; only in pods, not in templates (SetDefaults_Pod). */
export function setRequestDefaults(spec: PodSpec): void {
  for (const { resources } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const [name, limit] of Object.entries(resources?.limits ?? {})) {
      if (!resources) continue;
      resources.requests ??= {};
      resources.requests[name] ??= limit;
    }
  }
}

function setProbeDefaults(probe: Probe): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.httpGet) {
    probe.httpGet.scheme ??= 'HTTP';
    probe.httpGet.path ??= '/';
  }
}

/** Kubernetes pulls `:latest`, and what has no tag, every time. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]*)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

const FILE_MODE = 0o644;

function setVolumeDefaults(volume: JsonObject): void {
  // Admission reads names before validation refuses one that is missing.
  volume.name ??= '';
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume.emptyDir = {};
  for (const source of ['configMap', 'secret', 'downwardAPI', 'projected']) {
    const value = volume[source] as JsonObject | undefined;
    if (!value) continue;
    value.defaultMode ??= FILE_MODE;
    for (const item of [value, ...((value.sources as JsonObject[]) ?? [])]) {
      const token = item.serviceAccountToken as JsonObject | undefined;
      if (token) token.expirationSeconds ??= 3600;
      const downward = (item.downwardAPI ?? (source === 'downwardAPI' ? item : undefined)) as JsonObject | undefined;
      for (const file of (downward?.items as JsonObject[]) ?? []) {
        const reference = file.fieldRef as JsonObject | undefined;
        if (reference) reference.apiVersion ??= 'v1';
      }
    }
  }
  const hostPath = volume.hostPath as JsonObject | undefined;
  if (hostPath) hostPath.type ??= '';
}
