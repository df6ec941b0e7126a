import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { Io } from '../io.ts';
import { renderJson } from '../output/json.ts';
import { renderYaml } from '../output/yaml.ts';

/** The kubectl whose texts and habits this one has. */
const CLIENT = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.4',
  gitCommit: 'bb826b1d48562f110659e64e8ec444327433db95',
  gitTreeState: 'clean',
  buildDate: '2026-09-29T20:03:31Z',
  goVersion: 'go1.27.1',
  compiler: 'gc',
  platform: 'linux/amd64',
};
const KUSTOMIZE = 'v5.8.1';

export const command: Command = {
  usage: '[flags]',
  long: 'Prints the version of kubectl that this program follows, and that of the server.',
  flags: [
    { name: 'client', type: 'bool', usage: 'Do not ask the server.' },
    { name: 'output', short: 'o', type: 'string', usage: 'yaml or json.' },
  ],
  async run({ flags, io, session, args }) {
    if (args.length > 0) throw new CommandError(`extra arguments: [${args.join(' ')}]`);
    const format = flags.string('output');
    if (!['', 'yaml', 'json'].includes(format)) throw new CommandError("--output must be 'yaml' or 'json'");
    const print = (server: { gitVersion: string } | null) => {
      const all = { clientVersion: CLIENT, kustomizeVersion: KUSTOMIZE, ...(server ? { serverVersion: server } : {}) };
      if (format === 'yaml') io.stdout.write(`${renderYaml(all)}\n`);
      else if (format === 'json')
        io.stdout.write(renderJson(all).replaceAll(/^ +/gm, (indent) => ' '.repeat(indent.length / 2)));
      else {
        io.stdout.write(`Client Version: ${CLIENT.gitVersion}\nKustomize Version: ${KUSTOMIZE}\n`);
        if (server) io.stdout.write(`Server Version: ${server.gitVersion}\n`);
      }
    };
    if (flags.bool('client')) {
      print(null);
      return 0;
    }
    try {
      const client = await session.client();
      const server = await client.json<{ gitVersion: string }>('GET', '/version', { query: { timeout: '32s' } });
      print(server);
      warnOfSkew(server.gitVersion, io);
    } catch (error) {
      print(null);
      throw error;
    }
    return 0;
  },
};

/** kubectl/pkg/cmd/version/skew_warning.go. */
function warnOfSkew(server: string, io: Io): void {
  const minor = (version: string) => /^v(\d+)\.(\d+)/.exec(version);
  const [ours, theirs] = [minor(CLIENT.gitVersion), minor(server)];
  if (!ours || !theirs || Math.abs(Number(ours[2]) - Number(theirs[2])) <= 1) return;
  io.stderr.write(
    `WARNING: version difference between client (${ours[1]}.${ours[2]}) and server (${theirs[1]}.${theirs[2]}) exceeds the supported minor version skew of +/-1\n`,
  );
}
