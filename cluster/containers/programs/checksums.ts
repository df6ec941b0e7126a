import { createHash } from 'node:crypto';
import type { Process, Program } from '../process/process.ts';
import { isGnu, parseOptions, toolName } from './options.ts';
import { complain, forEachInput, readFile, tool } from './tool.ts';

/** `md5sum` and its like. */
function checksum(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'): Program {
  return tool(async (process) => {
    const { options, operands } = parseOptions(process, 'btcsw', { long: { check: 'c', status: 's' } });
    if (options.has('c')) return check(process, algorithm, operands);
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

/** `-c`: compares files with the sums that a list has for them. */
async function check(process: Process, algorithm: string, operands: readonly string[]): Promise<number> {
  let failed = 0;
  const good = await forEachInput(process, operands, async (lines) => {
    for await (const line of lines) {
      const [, sum = '', name = ''] = /^([0-9a-f]+) [ *](.+)$/.exec(line) ?? [];
      if (name === '') continue;
      try {
        const isSame = createHash(algorithm).update(readFile(process, name)).digest('hex') === sum;
        if (!isSame) failed += 1;
        await process.print(`${name}: ${isSame ? 'OK' : 'FAILED'}\n`);
      } catch (error) {
        await complain(process, 'open', name, error);
        await process.print(`${name}: FAILED${isGnu(process) ? ' open or read' : ''}\n`);
        failed += 1;
      }
    }
  });
  if (failed > 0) {
    const text = isGnu(process)
      ? `${failed} computed checksum${failed === 1 ? '' : 's'} did NOT match`
      : `${failed} of ${failed} computed checksums did NOT match`;
    await process.printError(`${toolName(process)}: WARNING: ${text}\n`);
  }
  return good && failed === 0 ? 0 : 1;
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
