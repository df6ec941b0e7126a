import type { Program } from '../process/process.ts';

/** A container image: what is in it and what it runs. */
export interface Image {
  /** Repositories without `docker.io/` and `library/`; any tag of them is this image. */
  repositories: readonly string[];
  /** Whose small tools it has; decides their set and their wording. `none` has no shell. */
  userland: 'busybox' | 'gnu' | 'none';
  /** What it is made from, for `/etc/os-release` and the package manager. Default what its small tools come from. */
  distribution?: 'alpine' | 'debian' | 'none';
  /** Ports that its Dockerfile exposes: what `oc new-app` makes a service for. Default none. */
  exposes?: readonly number[];
  /** Default root. */
  user?: { uid: number; name: string; home: string };
  entrypoint?: readonly string[];
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Default `/`. */
  workingDirectory?: string;
  /** Further programs by absolute path. */
  programs?: Readonly<Record<string, Program>>;
  /** What tags have that the others have not. */
  tagged?: readonly { tag: RegExp; programs: Readonly<Record<string, Program>> }[];
  /** Text files by absolute path. */
  files?: Readonly<Record<string, string>>;
}
