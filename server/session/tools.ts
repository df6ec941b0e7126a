import { constants } from 'node:fs';
import { access, chmod, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { UserError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** The commands of ours that stand on the learner's PATH, and their bundles. `oc` is kubectl under another name. */
const TOOLS = { kubectl: 'kubectl.cjs', oc: 'kubectl.cjs', istioctl: 'istioctl.cjs' } as const;
/** The names of our commands. */
export const TOOL_NAMES: readonly string[] = Object.keys(TOOLS);
/** The commands of which the machine's own may go before ours. */
const SYSTEM_TOOLS = ['kubectl', 'oc', 'istioctl'] as const;

/**
 * Writes the small programs that start our bundled commands with this Node.
 * @param kubectl absolute path of `dist/commands/kubectl.cjs`; the other bundles are beside it.
 * @throws UserError NO_TEMPORARY_FOLDER where programs cannot be started.
 */
export async function writeTools(directory: string, kubectl: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [tool, name] of Object.entries(TOOLS)) {
    const file = join(directory, tool);
    const bundle = join(dirname(kubectl), name);
    const start = `TALLER_COMMAND=${tool} exec ${quote(process.execPath)} ${quote(bundle)} "$@"`;
    // In a folder that was removed (`rm -rf ~`) the real kubectl works, and process.cwd() throws.
    await writeFile(file, `#!/bin/sh\n[ -d "$PWD" ] || cd /\n${start}\n`);
    await chmod(file, 0o755);
    await refuseNoexec(file, directory);
  }
}

/** bash would go on to the next folder of PATH, and find another kubectl or none. */
async function refuseNoexec(file: string, directory: string): Promise<void> {
  await access(file, constants.X_OK).catch((cause: unknown) => {
    const message = `No program can be started from ${directory}: it is mounted with noexec. Choose another folder with the variable TMPDIR, or mount it with exec.`;
    throw new UserError('NO_TEMPORARY_FOLDER', message, { cause });
  });
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A folder with the machine's own commands, to stand before ours on PATH. Those that the machine lacks are ours as
 * before, which is logged when it is made.
 * @param path the server's own PATH, where they are looked for.
 * @param bundled folder of ours: a server that runs in a terminal of ours does not take them for the machine's.
 */
export async function linkSystemTools(
  directory: string,
  { path, bundled, logger }: { path: string; bundled: string; logger: Logger },
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const missing: string[] = [];
  for (const tool of SYSTEM_TOOLS) {
    const found = await findExecutable(tool, path, bundled);
    if (found === undefined) missing.push(tool);
    else await symlink(found, join(directory, tool));
  }
  if (missing.length > 0) {
    logger.info(`this machine has no ${missing.join(' and no ')}: lessons with its own tools get Taller's`);
  }
}

async function findExecutable(name: string, path: string, bundled: string): Promise<string | undefined> {
  const own = await realpath(bundled);
  for (const folder of path.split(delimiter)) {
    // A relative folder would be another one in the learner's home.
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    const real = await realpath(folder).catch(() => undefined);
    if (real === undefined || real === own) continue;
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}
