/**
 * What the mesh reads of its settings: entry `mesh` of the ConfigMap `istio` in its root namespace, which istiod follows
 * while it runs (pkg/config/mesh/kubemesh/watcher.go). Left out is every field that is not named below; those are kept
 * and have no effect. A trust domain, too, would be another one only after a new start of everything.
 */
import { parse, YAMLParseError } from 'yaml';
import type { Era } from './era.ts';

export interface MeshSettings {
  /** `outboundTrafficPolicy.mode: REGISTRY_ONLY` */
  registryOnly: boolean;
  /** `enableAutoMtls`: whether clients without a DestinationRule's word find out by themselves. */
  automaticMutualTls: boolean;
  accessLog: FileLog;
  /** `extensionProviders` that are files, by name; Telemetry names them. */
  fileLogs: ReadonlyMap<string, FileLog>;
  /** `defaultProviders.accessLogging` */
  defaultLogs: readonly string[];
}

/** How a proxy's requests are written to a file. */
export interface FileLog {
  /** Whether it is the proxy's output, which `kubectl logs` shows. Other files are written nowhere here. */
  isOutput: boolean;
  /** Text with Envoy's command operators; null for the release's own. */
  format: string | null;
  /** Values of a line in JSON by name, with operators in them; null for lines of text. */
  json: Readonly<Record<string, unknown>> | 'default' | null;
}

/** Top-level fields that are read. */
export const FOLLOWED_SETTINGS = [
  'accessLogFile',
  'accessLogFormat',
  'accessLogEncoding',
  'enableAutoMtls',
  'outboundTrafficPolicy',
  'defaultProviders.accessLogging',
  'extensionProviders[].envoyFileAccessLog',
];

interface WrittenSettings {
  accessLogFile?: string;
  accessLogFormat?: string;
  accessLogEncoding?: string;
  enableAutoMtls?: boolean;
  outboundTrafficPolicy?: { mode?: string };
  defaultProviders?: { accessLogging?: string[] };
  extensionProviders?: { name?: string; envoyFileAccessLog?: WrittenFileLog }[];
}

interface WrittenFileLog {
  path?: string;
  logFormat?: { text?: string; labels?: Record<string, unknown> };
}

/** Where nothing is written: Istio's own defaults of the release (pkg/config/mesh/mesh.go, DefaultMeshConfig). */
export function readMeshSettings(text: string, era: Era): MeshSettings | null {
  let written: WrittenSettings | null;
  try {
    written = parse(text) as WrittenSettings | null;
  } catch (error) {
    if (error instanceof YAMLParseError) return null;
    throw error;
  }
  if (written !== null && typeof written !== 'object') return null;
  const { accessLogFile = '', accessLogFormat, accessLogEncoding, ...rest } = written ?? {};
  const accessLog = fileLog(accessLogFile, accessLogFormat, accessLogEncoding);
  return {
    registryOnly: rest.outboundTrafficPolicy?.mode === 'REGISTRY_ONLY',
    automaticMutualTls: rest.enableAutoMtls ?? era.automaticMutualTls !== 'never',
    accessLog,
    fileLogs: new Map([
      // Always there; it writes as the mesh does.
      ['envoy', { ...accessLog, isOutput: true }],
      ...(rest.extensionProviders ?? []).flatMap(({ name = '', envoyFileAccessLog: log }): [string, FileLog][] =>
        log === undefined || log === null ? [] : [[name, providerLog(log)]],
      ),
    ]),
    defaultLogs: rest.defaultProviders?.accessLogging ?? [],
  };
}

const OUTPUTS = ['/dev/stdout', '/dev/stderr'];

function fileLog(file: string, format: string | undefined, encoding: string | undefined): FileLog {
  const isOutput = OUTPUTS.includes(file);
  if (encoding !== 'JSON') return { isOutput, format: format || null, json: null };
  if (!format) return { isOutput, format: null, json: 'default' };
  try {
    return { isOutput, format: null, json: JSON.parse(format) as Record<string, unknown> };
  } catch {
    // istiod logs that it cannot read it, and takes its own.
    return { isOutput, format: null, json: 'default' };
  }
}

function providerLog({ path = '/dev/stdout', logFormat }: WrittenFileLog): FileLog {
  return {
    isOutput: OUTPUTS.includes(path),
    format: logFormat?.text || null,
    json:
      logFormat?.labels === undefined ? null : Object.keys(logFormat.labels).length > 0 ? logFormat.labels : 'default',
  };
}
