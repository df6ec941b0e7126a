/**
 * What a registry tells of images: `oc new-app` asks so before it makes anything. Image streams are not simulated, so a
 * request that would import into one is refused. openshift-apiserver/pkg/image/apiserver/registry/imagestreamimport.
 */
import { createHash } from 'node:crypto';
import { ApiError } from '../objects/api-error.ts';
import { NAME } from '../objects/kinds/columns.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';

/** Ports and user of an image; undefined when no registry has it. */
export type InspectImage = (reference: string) => { exposes: readonly number[]; uid: number } | undefined;

export const IMAGE_STREAM_IMPORT: Kind = {
  kind: 'ImageStreamImport',
  group: 'image.openshift.io',
  versions: ['v1'],
  plural: 'imagestreamimports',
  singular: 'imagestreamimport',
  namespaced: true,
  message: 'openshift.ImageStreamImport',
  verbs: ['create'],
  columns: [NAME],
};

interface Import extends KubernetesObject {
  spec?: { import?: boolean; images?: { from?: { kind?: string; name?: string } }[] };
}

/** @throws ApiError @returns the request with a status for each of its images */
export function importImages(request: KubernetesObject, inspect: InspectImage): KubernetesObject {
  const { spec = {} } = request as Import;
  if (spec.import) throw new ApiError(501, 'NotImplemented', 'Taller does not simulate image streams');
  const images = (spec.images ?? []).map(({ from }) => describeImage(from?.name ?? '', inspect));
  return { ...request, status: { images } };
}

function describeImage(reference: string, inspect: InspectImage): object {
  const found = inspect(reference);
  if (!found) {
    const message = `dockerimage.image.openshift.io ${JSON.stringify(reference)} not found`;
    const details = { name: reference, group: 'image.openshift.io', kind: 'dockerimage' };
    return { status: { status: 'Failure', reason: 'NotFound', code: 404, message, details } };
  }
  const id = `sha256:${createHash('sha256').update(reference).digest('hex')}`;
  const ports = Object.fromEntries(found.exposes.map((port) => [`${port}/tcp`, {}]));
  return {
    status: { status: 'Success' },
    image: {
      metadata: { name: id },
      dockerImageReference: reference,
      dockerImageMetadataVersion: '1.0',
      dockerImageMetadata: {
        kind: 'DockerImage',
        apiVersion: 'image.openshift.io/1.0',
        Id: id,
        Config: {
          User: found.uid === 0 ? '' : String(found.uid),
          ...(found.exposes.length > 0 ? { ExposedPorts: ports } : {}),
        },
      },
    },
  };
}
