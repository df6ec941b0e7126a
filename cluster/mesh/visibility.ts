import type { KubernetesObject } from '../objects/object.ts';

/** Whether an object of a namespace may be used by proxies of another: `.` is its own, `*` or nothing is all. */
export function isVisible(exportTo: readonly string[] | undefined, ownNamespace: string, toNamespace: string): boolean {
  if (exportTo === undefined || exportTo.length === 0) return true;
  return exportTo.some(
    (entry) => entry === '*' || entry === toNamespace || (entry === '.' && ownNamespace === toNamespace),
  );
}

/** Whether nobody outside of its own namespace may use the object. */
export function isPrivate(exportTo: readonly string[] | undefined, ownNamespace: string): boolean {
  return exportTo !== undefined && exportTo.length > 0 && exportTo.every((to) => to === '.' || to === ownNamespace);
}

/** Whether a service may be used by proxies of a namespace; a Service says so in an annotation, with commas between. */
export function isExported({ metadata }: KubernetesObject, toNamespace: string): boolean {
  const written = metadata.annotations?.['networking.istio.io/exportTo'];
  return (
    written === undefined ||
    isVisible(
      written.split(',').map((each) => each.trim()),
      metadata.namespace ?? 'default',
      toNamespace,
    )
  );
}
