import { createHash } from 'node:crypto';
import { type Clock } from '../../clock.ts';

/** The images of the node. Those of the catalogue are there from the start, as on a node that others have used. */
export interface ImagePuller {
  isPresent(image: string): boolean;
  /** @param done with the text of the failure, or undefined; never before the caller returns. @returns cancels */
  pull(image: string, done: (failure: string | undefined) => void): () => void;
}

// Real pulls take seconds; long enough to be seen by a watch, short enough not to be waited for.
const PULL_MS = 30;

export function createImagePuller(clock: Clock, hasImage: (image: string) => boolean): ImagePuller {
  return {
    isPresent: hasImage,
    pull: (image, done) => clock.schedule(PULL_MS, () => done(hasImage(image) ? undefined : notFoundText(image))),
  };
}

/** containerd's words for an image that no registry has. */
function notFoundText(image: string): string {
  const full = fullImageName(image);
  return `failed to pull image ${JSON.stringify(image)}: failed to pull and unpack image ${JSON.stringify(full)}: failed to resolve image: ${full}: not found`;
}

/** What no real cluster says: this one has the images of its catalogue and those of the lesson, and no registry. */
export function howToAddImage(image: string): string {
  return `Image ${JSON.stringify(image)} is not simulated. The author of a lesson adds it under "images:" in lesson.yaml`;
}

/** `nginx` is `docker.io/library/nginx:latest`. */
export function fullImageName(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const path = hasRegistry ? image : slash < 0 ? `docker.io/library/${image}` : `docker.io/${image}`;
  return /[:@][^/]*$/.test(path.slice(path.lastIndexOf('/'))) ? path : `${path}:latest`;
}

/** The digest that stands for the image's content: a function of its name, since there is no content. */
export function imageDigest(image: string): string {
  const full = fullImageName(image);
  const repository = full.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  return `${repository}@sha256:${createHash('sha256').update(full).digest('hex')}`;
}

/** Size as events tell it: a plausible constant function of the name. Bytes. */
export function imageSize(image: string): number {
  return 5_000_000 + (createHash('sha256').update(fullImageName(image)).digest().readUInt32BE(0) % 70_000_000);
}
