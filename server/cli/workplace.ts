import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { stderrLogger } from '../logger.ts';
import { createClusterGateway, type ClusterGateway } from '../session/cluster-gateway.ts';
import { makeOwnFolder, sweepLeftovers } from '../session/leftovers.ts';
import { removeFolder } from '../session/remove-folder.ts';
import { linkSystemTools, writeTools } from '../session/tools.ts';
import { readToolChoice, type ToolChoice } from '../tool-choice.ts';
import { paths } from './paths.ts';

/** What every command of `taller` that makes clusters needs: their listener, a folder, and the tools for PATH. */
export interface Workplace {
  gateway: ClusterGateway;
  root: string;
  toolsDirectory: string;
  /** Folder with the machine's own tools; made, with what is missing logged, when it is first asked for. */
  systemToolsDirectory(): Promise<string>;
  /** Whose tools all lessons get; undefined leaves it to each. */
  forcedTools: ToolChoice | undefined;
  dispose(): Promise<void>;
}

/** @throws UserError NO_TEMPORARY_FOLDER, BAD_ARGUMENTS */
export async function createWorkplace(kubectlBundle = paths.kubectl): Promise<Workplace> {
  const forcedTools = readToolChoice(process.env.TALLER_KUBECTL);
  const root = await makeOwnFolder(tmpdir()).catch((error: NodeJS.ErrnoException) => {
    const message = `Cannot make a folder in ${tmpdir()} (${error.code}). Choose another with the variable TMPDIR.`;
    throw new UserError('NO_TEMPORARY_FOLDER', message, { cause: error });
  });
  // For whoever calls process.exit: a signal, or a reader that has gone.
  const removeNow = () => rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', removeNow);
  await sweepLeftovers(tmpdir(), stderrLogger);
  const toolsDirectory = join(root, 'tools');
  await writeTools(toolsDirectory, kubectlBundle);
  const gateway = await createClusterGateway();
  let system: Promise<string> | undefined;
  return {
    gateway,
    root,
    toolsDirectory,
    forcedTools,
    systemToolsDirectory() {
      system ??= (async () => {
        const directory = join(root, 'system-tools');
        const path = process.env.PATH ?? '';
        await linkSystemTools(directory, { path, bundled: toolsDirectory, logger: stderrLogger });
        return directory;
      })();
      return system;
    },
    async dispose() {
      await gateway.dispose();
      await removeFolder(root);
      process.off('exit', removeNow);
    },
  };
}
