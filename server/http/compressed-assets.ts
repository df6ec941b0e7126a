import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { RequestHandler } from 'express';

const ASSET = /^\/[A-Za-z0-9_-]+\.(?:js|css|svg)$/;

/** Of 11: takes a third of the bytes away that 1 leaves, in some 20 ms for the largest asset; 11 takes a second. */
const BROTLI_QUALITY = 5;

const COMPRESS = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (content: Buffer) => promisify(gzip)(content),
};

/**
 * Serves the assets of the page compressed, to browsers that take it; the others, and whatever is no text, it leaves to
 * the next handler. An asset is compressed once: its name changes with its content, and there are few.
 */
export function compressedAssets(directory: string): RequestHandler {
  const kept = new Map<string, Promise<Buffer>>();
  return (request, response, next) => {
    // Browsers offer Brotli on a safe connection or localhost alone.
    const encoding = request.acceptsEncodings('br', 'gzip');
    if ((encoding !== 'br' && encoding !== 'gzip') || !ASSET.test(request.path)) return next();
    const key = `${encoding} ${request.path}`;
    const content = kept.get(key) ?? readFile(join(directory, request.path)).then(COMPRESS[encoding]);
    kept.set(key, content);
    content.then(
      (body) => {
        response.type(extname(request.path)).vary('accept-encoding');
        response.set({ 'content-encoding': encoding, 'cache-control': 'public, max-age=31536000, immutable' });
        response.send(body);
      },
      () => {
        kept.delete(key);
        next();
      },
    );
  };
}
