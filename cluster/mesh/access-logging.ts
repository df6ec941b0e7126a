/**
 * Which requests a proxy writes to its log, and how: the mesh's settings, and Telemetry objects over them (Istio 1.27,
 * pilot/pkg/model/telemetry.go, mergeLogs; pilot/pkg/networking/core/accesslog.go). Left out are providers that are no
 * files, as OpenTelemetry's: what goes there is seen nowhere here.
 */
import type { KubernetesObject } from '../objects/object.ts';
import { accessLogLine, type AccessLogEntry, type AccessLogFormat } from './access-log.ts';
import { formatted, formattedJson } from './access-log-format.ts';
import { parseLogFilter, type LogFilter } from './log-filter.ts';
import type { FileLog, MeshSettings } from './mesh-settings.ts';
import type { Workload } from './workload.ts';
import { selects } from './workload-selector.ts';

/** Whose side of a request: a sidecar before its own program is a server, other proxies are clients. */
export type LogMode = 'CLIENT' | 'SERVER';

interface AccessLogging {
  match?: { mode?: string };
  providers?: { name?: string }[];
  disabled?: boolean;
  filter?: { expression?: string };
}

/** What the mesh reads of a Telemetry. */
export interface TelemetryObject extends KubernetesObject {
  spec?: { selector?: { matchLabels?: Record<string, string> }; accessLogging?: AccessLogging[] };
}

/** One way in which an entry is written. */
export interface LogWriter {
  admits: LogFilter;
  line(entry: AccessLogEntry): string;
}

const EVERYTHING: LogFilter = () => true;

/**
 * What a workload's proxy writes to its output.
 * @param telemetries oldest first
 */
export function logWriters(
  telemetries: readonly TelemetryObject[],
  settings: MeshSettings,
  workload: Pick<Workload, 'namespace' | 'labels'>,
  mode: LogMode,
  { rootNamespace, format }: { rootNamespace: string; format: AccessLogFormat },
): LogWriter[] {
  const providers = mergedProviders(applicable(telemetries, workload, rootNamespace), settings, mode);
  if (providers === null || providers.size === 0) {
    return settings.accessLog.isOutput ? [writer(settings.accessLog, undefined, format)] : [];
  }
  return [...providers].flatMap(([name, use]) => {
    const log = settings.fileLogs.get(name.toLowerCase());
    return log === undefined || !log.isOutput || use.disabled ? [] : [writer(log, use.filter, format)];
  });
}

function writer({ json, format: text }: FileLog, filter: string | undefined, era: AccessLogFormat): LogWriter {
  const line =
    json !== null
      ? (entry: AccessLogEntry) => formattedJson(json, entry)
      : text !== null
        ? (entry: AccessLogEntry) => formatted(text, entry)
        : (entry: AccessLogEntry) => accessLogLine(entry, era);
  return { admits: filter === undefined ? EVERYTHING : parseLogFilter(filter), line };
}

/** The root namespace's, the workload's namespace's, and those that select it: later ones count over earlier ones. */
function applicable(
  telemetries: readonly TelemetryObject[],
  { namespace, labels }: Pick<Workload, 'namespace' | 'labels'>,
  rootNamespace: string,
): (readonly AccessLogging[])[] {
  const isWide = ({ spec }: TelemetryObject): boolean => Object.keys(spec?.selector?.matchLabels ?? {}).length === 0;
  const wideIn = (where: string): TelemetryObject[] =>
    telemetries.filter((each) => each.metadata.namespace === where && isWide(each)).slice(0, 1);
  return [
    ...wideIn(rootNamespace),
    ...(namespace === rootNamespace ? [] : wideIn(namespace)),
    ...telemetries.filter(
      (each) =>
        each.metadata.namespace === namespace && !isWide(each) && selects(each.spec?.selector?.matchLabels, labels),
    ),
  ].flatMap(({ spec }) =>
    spec?.accessLogging === undefined || spec.accessLogging.length === 0 ? [] : [spec.accessLogging],
  );
}

interface Use {
  disabled: boolean;
  filter: string | undefined;
}

/** Null: nobody says anything but the mesh's `accessLogFile`. */
function mergedProviders(
  levels: readonly (readonly AccessLogging[])[],
  { defaultLogs }: MeshSettings,
  mode: LogMode,
): Map<string, Use> | null {
  if (levels.length === 0) {
    return defaultLogs.length === 0
      ? null
      : new Map(defaultLogs.map((name) => [name, { disabled: false, filter: undefined }]));
  }
  const matches = ({ match }: AccessLogging): boolean =>
    match?.mode === undefined || match.mode === 'CLIENT_AND_SERVER' || match.mode === mode;
  const namesOf = ({ providers = [] }: AccessLogging): string[] => providers.map(({ name = '' }) => name);
  let inScope: readonly string[] = defaultLogs;
  const filters = new Map<string, string | undefined>();
  for (const level of levels) {
    const names = level.filter(matches).flatMap((each) => {
      for (const name of namesOf(each)) filters.set(name, each.filter?.expression);
      return namesOf(each);
    });
    if (names.length > 0) inScope = names;
  }
  const merged = new Map<string, Use>();
  let inherited: readonly string[] = defaultLogs;
  for (const each of levels.flat()) {
    const named = namesOf(each);
    if (named.length > 0) inherited = named;
    for (const name of inherited) {
      if (!inScope.includes(name) || !matches(each)) continue;
      merged.set(
        name,
        each.disabled === true ? { disabled: true, filter: undefined } : { disabled: false, filter: filters.get(name) },
      );
    }
  }
  return merged;
}
