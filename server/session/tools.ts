import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The commands of ours that stand on the learner's PATH. `oc` is kubectl under another name. */
const TOOLS = ['kubectl', 'oc'] as const;

/**
 * Writes the small programs that start our bundled commands with this Node.
 * @param bundle absolute path of `dist/commands/kubectl.cjs`.
 */
export async function writeTools(directory: string, bundle: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const tool of TOOLS) {
    const file = join(directory, tool);
    const start = `TALLER_COMMAND=${tool} exec ${quote(process.execPath)} ${quote(bundle)} "$@"`;
    // In a folder that was removed (`rm -rf ~`) the real kubectl works, and process.cwd() throws.
    await writeFile(file, `#!/bin/sh\n[ -d "$PWD" ] || cd /\n${start}\n`);
    await chmod(file, 0o755);
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
