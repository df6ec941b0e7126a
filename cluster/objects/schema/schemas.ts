import { KUBERNETES_APPS } from './kubernetes-apps.ts';
import { KUBERNETES_AUTHENTICATION } from './kubernetes-authentication.ts';
import { KUBERNETES_AUTHORIZATION } from './kubernetes-authorization.ts';
import { KUBERNETES_AUTOSCALING_V1 } from './kubernetes-autoscaling-v1.ts';
import { KUBERNETES_AUTOSCALING_V2 } from './kubernetes-autoscaling-v2.ts';
import { KUBERNETES_BATCH } from './kubernetes-batch.ts';
import { KUBERNETES_COORDINATION } from './kubernetes-coordination.ts';
import { KUBERNETES_CORE } from './kubernetes-core.ts';
import { KUBERNETES_DISCOVERY } from './kubernetes-discovery.ts';
import { KUBERNETES_META } from './kubernetes-meta.ts';
import { KUBERNETES_NETWORKING } from './kubernetes-networking.ts';
import { KUBERNETES_POLICY } from './kubernetes-policy.ts';
import { KUBERNETES_RBAC } from './kubernetes-rbac.ts';
import { KUBERNETES_SCHEDULING } from './kubernetes-scheduling.ts';
import { KUBERNETES_STORAGE } from './kubernetes-storage.ts';
import { OPENSHIFT } from '../../openshift/schema.ts';
import { APIEXTENSIONS } from './apiextensions.ts';
import { ISTIO_AUTHENTICATION } from './istio-authentication.ts';
import { ISTIO_EXTENSIONS } from './istio-extensions.ts';
import { ISTIO_NETWORKING } from './istio-networking.ts';
import { ISTIO_SECURITY_1_4, ISTIO_SECURITY_1_6 } from './istio-security-older.ts';
import { ISTIO_SECURITY } from './istio-security.ts';
import { ISTIO_TELEMETRY } from './istio-telemetry.ts';
import { parseSchemaTable, type Field, type MessageTable } from './schema-table.ts';

/** An API type: its fields as JSON has them, and as protobuf numbers them. */
export interface Message {
  /** As in `core.PodSpec`. */
  readonly id: string;
  readonly package: string;
  readonly name: string;
  /** In the order of the table, embedded types unfolded. */
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  /** Embedded types are messages of their own here. */
  readonly byNumber: ReadonlyMap<number, Field>;
}

const TABLES: Record<string, string> = {
  apiextensions: APIEXTENSIONS,
  apps: KUBERNETES_APPS,
  authentication: KUBERNETES_AUTHENTICATION,
  authorization: KUBERNETES_AUTHORIZATION,
  autoscaling: KUBERNETES_AUTOSCALING_V1,
  autoscalingv2: KUBERNETES_AUTOSCALING_V2,
  batch: KUBERNETES_BATCH,
  coordination: KUBERNETES_COORDINATION,
  core: KUBERNETES_CORE,
  discovery: KUBERNETES_DISCOVERY,
  istioauthentication: ISTIO_AUTHENTICATION,
  istioextensions: ISTIO_EXTENSIONS,
  istionetworking: ISTIO_NETWORKING,
  istiosecurity: ISTIO_SECURITY,
  istiosecurity14: ISTIO_SECURITY_1_4,
  istiosecurity16: ISTIO_SECURITY_1_6,
  istiotelemetry: ISTIO_TELEMETRY,
  meta: KUBERNETES_META,
  networking: KUBERNETES_NETWORKING,
  openshift: OPENSHIFT,
  policy: KUBERNETES_POLICY,
  rbac: KUBERNETES_RBAC,
  scheduling: KUBERNETES_SCHEDULING,
  storage: KUBERNETES_STORAGE,
};

// Parsed when first asked for and then shared by all clusters of the process: the tables never change.
const parsedTables = new Map<string, MessageTable>();
const messages = new Map<string, Message>();

/**
 * The type with this id, as `core.Pod` or `meta.DeleteOptions`.
 * @throws Error when there is none: ids come from the tables and the kinds, never from requests.
 */
export function messageOf(id: string): Message {
  const known = messages.get(id);
  if (known) return known;
  const dot = id.indexOf('.');
  const packageName = id.slice(0, dot);
  const name = id.slice(dot + 1);
  const raw = tableOf(packageName)[name];
  if (!raw) throw new Error(`no type "${id}" in the schema tables`);
  const fields = raw.flatMap((field) =>
    field.inline && field.type.kind === 'message'
      ? messageOf(`${field.type.package}.${field.type.name}`).fields
      : [field],
  );
  const message: Message = {
    id,
    package: packageName,
    name,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    byNumber: new Map(raw.map((field) => [field.number, field])),
  };
  messages.set(id, message);
  return message;
}

/** Names of all types of a table, for what describes a whole group, as OpenAPI does. */
export function messageNames(packageName: string): string[] {
  return Object.keys(tableOf(packageName));
}

function tableOf(packageName: string): MessageTable {
  const known = parsedTables.get(packageName);
  if (known) return known;
  const table = TABLES[packageName];
  if (table === undefined) throw new Error(`no schema table "${packageName}"`);
  const parsed = parseSchemaTable(packageName, table);
  parsedTables.set(packageName, parsed);
  return parsed;
}
