import { cp, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { ToolChoice } from '../tool-choice.ts';
import { removeFolder } from './remove-folder.ts';

/** What every environment has on disk, wherever its cluster is. */
export interface LearnerFolder {
  home: string;
  privateDirectory: string;
  shellEnv: Record<string, string>;
  checkEnv: Record<string, string>;
  /** Removes it from the disk. */
  remove(): Promise<void>;
}

export interface FolderOptions {
  /** Folders are made in here. */
  root: string;
  /** Folder with `kubectl` and `oc`, see `tools.ts`. */
  toolsDirectory: string;
  /** Makes the folder with the machine's own tools; asked for only where those go first. */
  systemToolsDirectory?: () => Promise<string>;
  /** Whose tools go first on PATH. Default `bundled`, ours. */
  tools?: ToolChoice;
  /** Goes before `tools`. Default none. */
  forcedTools?: ToolChoice | undefined;
  /** Folder whose content is copied to the home; it need not exist. */
  files: string | null;
  /** Folder with what the lesson ships of the web, by host and path; it need not exist. Default none. */
  urls?: string | null;
}

/** Where the learner's shell finds programs, behind the tools. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Makes the home with a kubeconfig, and a folder beside it for the server alone. Leaves nothing behind when it fails.
 * @param kubeconfig text of the file.
 * @param variables further ones of all shells and commands.
 * @throws UserError FILES_UNREADABLE
 */
export async function makeLearnerFolder(
  options: FolderOptions,
  kubeconfig: string,
  variables: Record<string, string>,
): Promise<LearnerFolder> {
  const directory = await mkdtemp(join(options.root, 'session-'));
  const home = join(directory, 'home');
  const privateDirectory = join(directory, 'private');
  const remove = () => removeFolder(directory);
  try {
    await mkdir(join(home, '.kube'), { recursive: true });
    await mkdir(join(privateDirectory, 'home'), { recursive: true, mode: 0o700 });
    await writeFile(join(home, '.kube', 'config'), kubeconfig, { mode: 0o600 });
    await writeFile(join(privateDirectory, 'kubeconfig'), kubeconfig, { mode: 0o600 });
    if (options.files !== null) await copyFolder(options.files, home);
    const shared = {
      PATH: `${await toolFolders(options)}:${SYSTEM_PATH}`,
      LANG: process.env.LANG ?? 'C.UTF-8',
      ...(process.env.TZ === undefined ? {} : { TZ: process.env.TZ }),
      ...(options.urls ? { TALLER_URLS: options.urls } : {}),
      ...variables,
    };
    return {
      home,
      privateDirectory,
      shellEnv: {
        ...shared,
        HOME: home,
        USER: 'learner',
        LOGNAME: 'learner',
        SHELL: '/bin/bash',
        KUBECONFIG: join(home, '.kube', 'config'),
      },
      checkEnv: { ...shared, HOME: join(privateDirectory, 'home'), KUBECONFIG: join(privateDirectory, 'kubeconfig') },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The folders of tools, the first one first. */
async function toolFolders(options: FolderOptions): Promise<string> {
  const { toolsDirectory, systemToolsDirectory, forcedTools, tools = 'bundled' } = options;
  if ((forcedTools ?? tools) === 'bundled' || !systemToolsDirectory) return toolsDirectory;
  return `${await systemToolsDirectory()}:${toolsDirectory}`;
}

async function copyFolder(from: string, to: string): Promise<void> {
  const entries = await readdir(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    try {
      await cp(join(from, entry), join(to, entry), { recursive: true });
    } catch (error) {
      // A pipe, a socket, or what the one who started us may not read.
      const what = `${join(from, entry)} cannot be copied to the learner's home: ${(error as Error).message}`;
      throw new UserError('FILES_UNREADABLE', what, { cause: error });
    }
  }
}
