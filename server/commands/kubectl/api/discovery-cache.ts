import { existsSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FlagValues } from '../flags.ts';
import type { Io } from '../io.ts';
import type { Resource } from './resource.ts';

/** The core group and all the others are asked for, and kept, by themselves. */
export type DiscoveryHalf = 'core' | 'groups';

/**
 * The kinds of a server, kept between runs. client-go, discovery/cached/disk: what is kept is believed for six hours,
 * so a kind that was removed meanwhile is found and the server then says that it is not there.
 */
export interface DiscoveryCache {
  /** @returns undefined when nothing is kept, or it is too old. */
  read(half: DiscoveryHalf): Resource[] | undefined;
  write(half: DiscoveryHalf, resources: readonly Resource[]): void;
  clear(): void;
  /** Whether this server has ever been asked for its kinds. */
  isEmpty(): boolean;
}

const LIFETIME_MS = 6 * 3_600_000;

/** @param server address of the server, with its path. */
export function createDiscoveryCache(server: string, flags: FlagValues, io: Io): DiscoveryCache {
  const root = flags.string('cache-dir') || io.env.KUBECACHEDIR || join(io.env.HOME ?? homedir(), '.kube', 'cache');
  // As upstream names the folder of a server: the address without its scheme, odd characters replaced.
  const host = server.replace(/^https?:\/\//, '').replace(/[^\w/.]/g, '_');
  const folder = resolve(io.cwd, root, 'discovery', host);
  const fileOf = (half: DiscoveryHalf) => join(folder, `${half}.json`);
  return {
    read(half) {
      try {
        if (io.now() - statSync(fileOf(half)).mtimeMs > LIFETIME_MS) return undefined;
        return JSON.parse(readFileSync(fileOf(half), 'utf8')) as Resource[];
      } catch {
        // Not kept, or half written by another run: the server knows.
        return undefined;
      }
    },
    write(half, resources) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o750 });
        writeFileSync(fileOf(half), JSON.stringify(resources), { mode: 0o660 });
      } catch {
        // A home that cannot be written to costs time and nothing else; upstream goes on, too.
      }
    },
    clear() {
      for (const half of ['core', 'groups'] as const) if (existsSync(fileOf(half))) unlinkSync(fileOf(half));
    },
    isEmpty: () => !existsSync(folder),
  };
}
