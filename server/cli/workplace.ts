import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { createClusterGateway, type ClusterGateway } from '../session/cluster-gateway.ts';
import { writeTools } from '../session/tools.ts';
import { paths } from './paths.ts';

/** What every command of `taller` that makes clusters needs: their listener, a folder, and the tools for PATH. */
export interface Workplace {
  gateway: ClusterGateway;
  root: string;
  toolsDirectory: string;
  dispose(): Promise<void>;
}

/** @throws UserError NO_TEMPORARY_FOLDER */
export async function createWorkplace(kubectlBundle = paths.kubectl): Promise<Workplace> {
  const root = await mkdtemp(join(tmpdir(), 'taller-')).catch((error: NodeJS.ErrnoException) => {
    const message = `Cannot make a folder in ${tmpdir()} (${error.code}). Choose another with the variable TMPDIR.`;
    throw new UserError('NO_TEMPORARY_FOLDER', message, { cause: error });
  });
  const toolsDirectory = join(root, 'tools');
  await writeTools(toolsDirectory, kubectlBundle);
  const gateway = await createClusterGateway();
  return {
    gateway,
    root,
    toolsDirectory,
    async dispose() {
      await gateway.dispose();
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
