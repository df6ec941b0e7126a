import { resourcePath, type Resource } from '../../kubectl/api/resource.ts';
import { StatusError } from '../../kubectl/errors.ts';
import type { Session } from '../../kubectl/session.ts';
import type { KubernetesObject } from '../resources.ts';

/** Where an object is tried out, whatever namespace it is for: that may be yet to come. */
const TRIAL_NAMESPACE = 'default';

/**
 * What is wrong with an object of Istio's, as the cluster's own admission tells it: the object is applied without being
 * stored. Null when nothing is, or when it is none of Istio's.
 */
export async function findProblem(session: Session, object: KubernetesObject): Promise<string | null> {
  if (!/\.istio\.io\//.test(object.apiVersion ?? '')) return null;
  const resource: Resource | undefined = await (
    await session.discovery()
  ).findKind(object.apiVersion ?? '', object.kind ?? '');
  if (resource === undefined) return `no matches for kind "${object.kind}" in version "${object.apiVersion}"`;
  const client = await session.client();
  const { name } = object.metadata;
  const metadata = { ...object.metadata, ...(resource.namespaced ? { namespace: TRIAL_NAMESPACE } : {}) };
  try {
    await client.json('PATCH', resourcePath(resource, TRIAL_NAMESPACE, name), {
      query: { dryRun: 'All', force: true, fieldManager: 'istioctl', fieldValidation: 'Strict' },
      body: JSON.stringify({ ...object, metadata }),
      contentType: 'application/apply-patch+yaml',
    });
    return null;
  } catch (error) {
    if (error instanceof StatusError) return (error.status.message ?? '').replace(/^.*denied the request: /s, '');
    throw error;
  }
}
