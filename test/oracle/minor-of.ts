import { spawnSync } from 'node:child_process';
import type { KubectlMinor } from './commands.ts';

/**
 * Whose recording a kubectl (or our bundle, `.cjs`) is to be judged by. Undefined when there is none of its
 * version, and for a vendor's build such as v1.32.4-dispatcher, which has its own words for wrong flags.
 */
export function minorOf(kubectl: string): KubectlMinor | undefined {
  const command = /\.c?js$/.test(kubectl) ? [process.execPath, kubectl] : [kubectl];
  const [program = '', ...args] = [...command, 'version', '--client'];
  const { stdout } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, TALLER_COMMAND: 'kubectl' } });
  const minor = /^Client Version: v(1\.\d+)\.\d+$/m.exec(stdout ?? '')?.[1];
  return minor === '1.32' || minor === '1.36' ? minor : undefined;
}
