import { createHash } from 'node:crypto';
import type { Process, Program } from '../process/process.ts';
import { parseOptions } from './options.ts';
import { complain, readFile, tool } from './tool.ts';

/** `md5sum` and its like, without `-c`. */
function checksum(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'): Program {
  return tool(async (process) => {
    const { operands } = parseOptions(process, 'bt');
    let status = 0;
    for (const operand of operands.length === 0 ? ['-'] : operands) {
      const hash = createHash(algorithm);
      try {
        if (operand === '-') await addInput(process, (bytes) => hash.update(bytes));
        else hash.update(readFile(process, operand));
      } catch (error) {
        await complain(process, 'open', operand, error);
        status = 1;
        continue;
      }
      await process.print(`${hash.digest('hex')}  ${operand}\n`);
    }
    return status;
  });
}

async function addInput(process: Process, add: (bytes: Uint8Array) => void): Promise<void> {
  for (let bytes = await process.read(); bytes !== null; bytes = await process.read()) add(bytes);
}

export const checksumPrograms: Readonly<Record<string, Program>> = {
  md5sum: checksum('md5'),
  sha1sum: checksum('sha1'),
  sha256sum: checksum('sha256'),
  sha512sum: checksum('sha512'),
};
