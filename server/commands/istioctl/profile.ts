import type { Command, Invocation } from './command.ts';

const list: Command = {
  usage: '',
  long: 'Lists the profiles of installations that upstream has. Taller installs the same Istio for each.',
  run({ io, release }: Invocation): Promise<number> {
    const names = PROFILES.findLast(({ since }) => release.minor >= since)?.names ?? [];
    io.stdout.write(`Istio configuration profiles:\n${names.map((name) => `    ${name}\n`).join('')}`);
    return Promise.resolve(0);
  },
};

/** Upstream prints them in the order of a Go map before 1.8, and sorted since. */
const PROFILES = [
  { since: 4, names: ['default', 'demo', 'minimal', 'remote', 'sds'] },
  { since: 5, names: ['default', 'demo', 'empty', 'minimal', 'remote', 'separate'] },
  { since: 6, names: ['default', 'demo', 'empty', 'minimal', 'preview', 'remote'] },
  { since: 8, names: ['default', 'demo', 'empty', 'minimal', 'openshift', 'preview', 'remote'] },
];

/** `istioctl profile` */
export const command: Command = {
  usage: '',
  long: 'Works with profiles of installations.',
  examples: ['profile list'],
  subcommands: [
    { name: 'diff', short: 'Compare two profiles' },
    { name: 'dump', short: 'Print a profile' },
    { name: 'list', short: 'List profiles', load: () => Promise.resolve(list) },
  ],
};
