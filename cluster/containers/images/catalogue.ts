import { authorImage, type AuthorImage } from './author-image.ts';
import { boardsImages } from './boards/workshop.ts';
import { bookinfoImages } from './bookinfo/bookinfo.ts';
import { booksImage } from './books.ts';
import { clientImages } from './clients.ts';
import { fortioImage } from './fortio.ts';
import { hipstershopImages } from './hipstershop.ts';
import { httpbinImages } from './httpbin/httpbin.ts';
import { httpdImage } from './httpd.ts';
import type { Image } from './image.ts';
import { istioSampleImages } from './istio-samples.ts';
import { istioImages } from './istio.ts';
import { nginxImages } from './nginx/nginx.ts';
import { pauseImage } from './pause.ts';
import { redisImage } from './redis.ts';
import { smallServerImages } from './small-servers.ts';
import { todoImages } from './todo.ts';

/** The images that every cluster has. */
export const IMAGES: readonly Image[] = [
  ...clientImages,
  ...nginxImages,
  httpdImage,
  redisImage,
  ...smallServerImages,
  ...httpbinImages,
  ...hipstershopImages,
  ...bookinfoImages,
  ...todoImages,
  ...boardsImages,
  booksImage,
  ...istioSampleImages,
  fortioImage,
  ...istioImages,
  pauseImage,
];

const byRepository = new Map(IMAGES.flatMap((image) => image.repositories.map((repository) => [repository, image])));

/** The images of one cluster. */
export interface ImageCatalogue {
  /**
   * The image that a reference names, undefined when there is none. `docker.io/library/nginx:1.27`, `library/nginx` and
   * `nginx` are the same: a tag or digest makes a difference only to an author's image that names it, and to what an
   * image's `tagged` says.
   */
  find(reference: string): Image | undefined;
}

/** @param authorImages go before those that every cluster has. */
export function createImageCatalogue(authorImages: readonly AuthorImage[] = []): ImageCatalogue {
  const added = new Map(authorImages.map((one) => [withoutRegistry(one.image), authorImage(one)]));
  return {
    find(reference) {
      const full = withoutRegistry(reference);
      const repository = full.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
      return added.get(full) ?? added.get(repository) ?? asTagged(byRepository.get(repository), full);
    },
  };
}

/** The image with what its tag has in particular. */
function asTagged(image: Image | undefined, reference: string): Image | undefined {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(reference)?.[1] ?? 'latest';
  const found = image?.tagged?.find((one) => one.tag.test(tag));
  return image === undefined || found === undefined
    ? image
    : { ...image, programs: { ...image.programs, ...found.programs } };
}

function withoutRegistry(reference: string): string {
  return reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}
