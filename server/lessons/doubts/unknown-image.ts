import { type AuthorImage, createImageCatalogue, IMAGES } from '../../../cluster/index.ts';
import { didYouMean } from '../nearest.ts';
import type { ShellCommand } from './shell-commands.ts';

/** `image: NAME` of a manifest, in block or flow style; what a template or variable fills in is left out. */
const IMAGE_FIELD = /(?:^|[\s{,-])image:[ \t]*["']?([\w./:@-]+)["']?[ \t]*(?:$|[},#])/gm;

/** Says what is wrong with the name of an image; null when pods can run it. */
export type ExplainImage = (image: string) => string | null;

/** @param images those that the lesson describes */
export function createExplainImage(images: readonly AuthorImage[]): ExplainImage {
  const catalogue = createImageCatalogue(images);
  const names = [...images.map(({ image }) => image), ...IMAGES.flatMap(({ repositories }) => repositories)];
  return (image) => {
    if (catalogue.find(image)) return null;
    const near = didYouMean(image.replace(/:[^:/]*$/, ''), names);
    return `nobody has the image "${image}", so that its pods end in ErrImagePull.${near || ' Describe it below "images:" in lesson.yaml.'}`;
  };
}

/** The images that a manifest names, with their lines, from 1. */
export function imagesIn(text: string): { image: string; line: number }[] {
  return [...text.matchAll(IMAGE_FIELD)].map((found) => {
    const at = found.index + found[0].indexOf('image:');
    return { image: found[1]!, line: text.slice(0, at).split('\n').length };
  });
}

/** The images that a command names. */
export function imagesOf({ words }: ShellCommand): string[] {
  return words.flatMap(({ text, plain }, index) => {
    if (!plain) return [];
    if (text.startsWith('--image=')) return [text.slice('--image='.length)];
    const value = text === '--image' ? words[index + 1] : undefined;
    return value?.plain ? [value.text] : [];
  });
}
