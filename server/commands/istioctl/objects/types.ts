/** The kinds that `istioctl get` and its kin knew up to 1.2, and what they called them. pilot/pkg/model/config.go. */
import { apiVersion, type Resource } from '../../kubectl/api/resource.ts';
import { CommandError } from '../../kubectl/errors.ts';
import type { Session } from '../../kubectl/session.ts';
import type { Release } from '../release.ts';

export interface ConfigType {
  /** `virtual-service`: what keys and headings say. */
  name: string;
  resource: Resource;
}

/** In the order of lists. */
const KINDS: readonly (readonly [kind: string, since?: number])[] = [
  ['VirtualService'],
  ['Gateway'],
  ['ServiceEntry'],
  ['DestinationRule'],
  ['EnvoyFilter'],
  ['Sidecar', 1],
  ['HTTPAPISpec'],
  ['HTTPAPISpecBinding'],
  ['QuotaSpec'],
  ['QuotaSpecBinding'],
  ['Policy'],
  ['MeshPolicy'],
  ['ServiceRole'],
  ['ServiceRoleBinding'],
  ['ClusterRbacConfig', 1],
  ['RbacConfig'],
];

/** Those of them that the cluster serves. */
export async function configTypes(session: Session, { minor }: Release): Promise<ConfigType[]> {
  const resources = await (await session.discovery()).all();
  return KINDS.flatMap(([kind, since = 0]) => {
    const resource = resources.find((each) => each.kind === kind && /(^|\.)istio\.io$/.test(each.group));
    return minor < since || resource === undefined ? [] : [{ name: kebab(kind), resource }];
  });
}

/** `virtual-service` of VirtualService, `http-api-spec` of HTTPAPISpec. */
function kebab(kind: string): string {
  return kind
    .replace('HTTPAPI', 'HttpApi')
    .replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();
}

/** @throws CommandError for a word that is no type: short names are none either */
export function findType(types: readonly ConfigType[], word: string): ConfigType {
  const wanted = word.toLowerCase();
  const found = types.find(({ resource }) => resource.singular === wanted || resource.name === wanted);
  if (found !== undefined) return found;
  if (types.some(({ name }) => wanted === name || wanted === `${name}s`)) {
    const plain = JSON.stringify(wanted.replaceAll('-', ''));
    throw new CommandError(`${JSON.stringify(word)} not recognized. Please use non-hyphenated resource name ${plain}`);
  }
  throw new CommandError(`configuration type ${word} not found, the types are ${typeNames(types)}`);
}

export function typeNames(types: readonly ConfigType[]): string {
  return types.map(({ name }) => name.replaceAll('-', '')).join(', ');
}

/** `VirtualService.networking.istio.io.v1alpha3` */
export function kindName({ resource }: ConfigType): string {
  return `${resource.kind}.${apiVersion(resource).replace('/', '.')}`;
}
