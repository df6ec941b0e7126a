import { CommandError } from '../errors.ts';

/** distribution/reference: host with port, path of lower-case parts, tag, digest. */
const IMAGE =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][\w.+-]*:[0-9a-fA-F]{32,})?$/;

export function isImage(image: string): boolean {
  return IMAGE.test(image);
}

/** The container that `create deployment` makes of an image: named by the last part of its path. */
export function containerOf(image: string): { name: string; image: string } {
  const name =
    image
      .split('/')
      .at(-1)
      ?.replace(/[:@].*$/, '') ?? '';
  if (name === '') throw new CommandError(`invalid image name: ${image}`);
  return { name: name.replace(/[^a-z0-9-]+/gi, '-'), image };
}
