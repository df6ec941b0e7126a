import type { Command } from './command.ts';

/** istioctl/pkg/precheck/precheck.go: what it looks for cannot be wrong in a cluster of Taller. */
export const command: Command = {
  usage: '',
  long: 'Says whether Istio could be installed or upgraded: whether the API server answers, and one may create what is needed.',
  examples: ['experimental precheck'],
  flags: [
    { name: 'revision', short: 'r', type: 'string', usage: 'Accepted; there is one revision', hidden: true },
    { name: 'skip-controlplane', type: 'bool', usage: 'Accepted; there is nothing else to check', hidden: true },
  ],
  async run({ io, session }) {
    await (await session.client()).json('GET', '/version');
    const mark = io.stdout.isTTY === true ? '\u001b[32m✔\u001b[0m' : '✔';
    io.stderr.write(
      `${mark} No issues found when checking the cluster. Istio is safe to install or upgrade!\n` +
        '  To get started, check out https://istio.io/latest/docs/setup/getting-started/\n',
    );
    return 0;
  },
};
