import { clientImages } from './clients.ts';
import { hipstershopImages } from './hipstershop.ts';
import { httpbinImages } from './httpbin.ts';
import type { Image } from './image.ts';
import { istioImages } from './istio.ts';
import { webServerImages } from './web-servers.ts';
import { pauseImage } from './pause.ts';
import { smallServerImages } from './small-servers.ts';

const IMAGES: readonly Image[] = [
  ...clientImages,
  ...webServerImages,
  ...smallServerImages,
  ...httpbinImages,
  ...hipstershopImages,
  ...istioImages,
  pauseImage,
];

const byRepository = new Map(IMAGES.flatMap((image) => image.repositories.map((repository) => [repository, image])));

/**
 * The image that a reference names, whatever its tag or digest; undefined when the catalogue has none.
 * `docker.io/library/nginx:1.27`, `library/nginx` and `nginx` are the same.
 */
export function findImage(reference: string): Image | undefined {
  const repository = reference
    .replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '')
    .replace(/^(index\.)?docker\.io\//, '')
    .replace(/^library\//, '');
  return byRepository.get(repository);
}
