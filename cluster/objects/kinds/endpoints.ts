import { type KubernetesObject } from '../object.ts';
import { AGE, column, NAME } from './columns.ts';
import { type Kind } from './kind.ts';

export interface EndpointSlice extends KubernetesObject {
  addressType: string;
  endpoints: SliceEndpoint[] | null;
  ports: SlicePort[] | null;
}

export interface SliceEndpoint {
  addresses: string[];
  conditions: { ready?: boolean; serving?: boolean; terminating?: boolean };
  nodeName?: string;
  targetRef?: { kind: string; namespace: string; name: string; uid: string };
}

export interface SlicePort {
  name?: string;
  port?: number;
  protocol?: string;
  appProtocol?: string;
}

export interface Endpoints extends KubernetesObject {
  subsets?: {
    addresses?: { ip: string }[];
    notReadyAddresses?: { ip: string }[];
    ports?: { name?: string; port: number; protocol?: string }[];
  }[];
}

const SHOWN = 3;

function some(items: readonly string[]): string {
  if (items.length === 0) return '<none>';
  const more = items.length - SHOWN;
  return more > 0 ? `${items.slice(0, SHOWN).join(',')} + ${more} more...` : items.join(',');
}

export const ENDPOINTS: Kind = {
  kind: 'Endpoints',
  group: '',
  versions: ['v1'],
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  message: 'core.Endpoints',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [NAME, column('Endpoints', 'string', (object) => endpointsText(object as Endpoints)), AGE],
};

function endpointsText({ subsets = [] }: Endpoints): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
  return some(all);
}

export const ENDPOINT_SLICE: Kind = {
  kind: 'EndpointSlice',
  group: 'discovery.k8s.io',
  versions: ['v1'],
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  message: 'discovery.EndpointSlice',
  generation: true,
  columns: [
    NAME,
    column('AddressType', 'string', (object) => (object as EndpointSlice).addressType),
    column('Ports', 'string', (object) => slicePorts(object as EndpointSlice)),
    column('Endpoints', 'string', (object) =>
      some(((object as EndpointSlice).endpoints ?? []).flatMap((one) => one.addresses)),
    ),
    AGE,
  ],
};

function slicePorts({ ports }: EndpointSlice): string {
  if (!ports || ports.length === 0) return '<unset>';
  const texts = ports.map(({ port }) => (port === undefined ? '*' : String(port)));
  return texts.length > SHOWN
    ? `${texts.slice(0, SHOWN).join(',')} + ${texts.length - SHOWN} more...`
    : texts.join(',');
}
