/** A resource that the server serves in one version. */
export interface Resource {
  /** '' for the core group. */
  group: string;
  version: string;
  /** Plural, as in paths. */
  name: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  verbs: string[];
  shortNames: string[];
  categories: string[];
}

/** A namespaced resource as its kind lets one guess it, where no server is asked. */
export function guessResource(group: string, version: string, kind: string): Resource {
  const singular = kind.toLowerCase();
  return {
    group,
    version,
    name: `${singular}s`,
    singular,
    kind,
    namespaced: true,
    verbs: [],
    shortNames: [],
    categories: [],
  };
}

/** `v1` or `apps/v1`. */
export function apiVersion(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `pods`, `deployments.apps`. */
export function groupResource(resource: Resource): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}

/** `pod`, `deployment.apps`: what stands before a name in messages. */
export function kindWord(kind: string, group: string): string {
  return group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
}

/** As Go prints a GroupVersionResource: `/v1, Resource=pods`. */
export function describeResource(resource: Resource): string {
  return `${resource.group}/${resource.version}, Resource=${resource.name}`;
}

/** Path of a collection, an object, or a subresource. `namespace` is left out for cluster-wide resources. */
export function resourcePath(
  resource: Resource,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${resource.name}${object}${subresource ? `/${subresource}` : ''}`;
}
