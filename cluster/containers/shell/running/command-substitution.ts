import { Descriptor, sinkFile } from '../../process/open-file.ts';
import type { List } from '../ast.ts';
import { ExpansionError } from '../expansion.ts';
import type { Shell } from '../shell.ts';
import { waitFor } from './child-processes.ts';
import { runLast } from './run-pipeline.ts';

/** Bytes of a command substitution, as many as a word may have. */
const MAX_SUBSTITUTION_BYTES = 4 * 1024 * 1024;

/** What commands print, without its final newlines; their status becomes `$?`. @throws ExpansionError when it is too much */
export async function substitute(shell: Shell, body: List): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const output = sinkFile((bytes) => {
    size += bytes.length;
    if (size <= MAX_SUBSTITUTION_BYTES) chunks.push(bytes);
  });
  const [only] = body;
  const child = shell.fork(
    (copy) => {
      copy.substitutionDepth += 1;
      return body.length === 1 && only?.background === false ? runLast(copy, only.command) : copy.runList(body);
    },
    { replacements: new Map([[1, new Descriptor(output)]]) },
  );
  shell.lastStatus = await waitFor(shell, child);
  if (size > MAX_SUBSTITUTION_BYTES) throw new ExpansionError('out of memory');
  return Buffer.concat(chunks).toString('utf8').replaceAll('\0', '').replace(/\n+$/, '');
}
