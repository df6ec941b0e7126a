import type { KubernetesObject } from '../objects/object.ts';

/** What the runtime reads of a pod. */
export interface PodObject extends KubernetesObject {
  spec?: PodSpec;
  status?: { podIP?: string; hostIP?: string };
}

export interface PodSpec {
  containers?: ContainerSpec[];
  initContainers?: ContainerSpec[];
  volumes?: VolumeSpec[];
  serviceAccountName?: string;
  nodeName?: string;
  hostname?: string;
  hostNetwork?: boolean;
  enableServiceLinks?: boolean;
  hostAliases?: { ip: string; hostnames?: string[] }[];
  securityContext?: { runAsUser?: number };
}

export interface ContainerSpec {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  env?: EnvVar[];
  envFrom?: {
    prefix?: string;
    configMapRef?: { name?: string; optional?: boolean };
    secretRef?: { name?: string; optional?: boolean };
  }[];
  ports?: { containerPort: number; name?: string; protocol?: string }[];
  volumeMounts?: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  securityContext?: { runAsUser?: number };
  tty?: boolean;
  stdin?: boolean;
  stdinOnce?: boolean;
}

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: {
    fieldRef?: { fieldPath: string };
    configMapKeyRef?: { name?: string; key: string; optional?: boolean };
    secretKeyRef?: { name?: string; key: string; optional?: boolean };
    resourceFieldRef?: { resource: string; containerName?: string };
  };
}

interface KeyToPath {
  key: string;
  path: string;
}
export interface VolumeSource {
  emptyDir?: Record<string, unknown>;
  hostPath?: { path: string };
  persistentVolumeClaim?: { claimName: string };
  configMap?: { name?: string; items?: KeyToPath[] };
  secret?: { secretName?: string; name?: string; items?: KeyToPath[] };
  downwardAPI?: { items?: { path: string; fieldRef?: { fieldPath: string } }[] };
  serviceAccountToken?: { path: string; audience?: string; expirationSeconds?: number };
}
export interface VolumeSpec extends VolumeSource {
  name: string;
  projected?: { sources?: VolumeSource[] };
}
