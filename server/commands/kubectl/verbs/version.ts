import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { Io } from '../io.ts';
import { clientVersion, hasChanged, type ClientVersion } from '../release.ts';
import { renderJson } from '../output/json.ts';
import { renderYaml } from '../output/yaml.ts';

const KUSTOMIZE = 'v5.8.1';

type ServerVersion = Record<keyof ClientVersion, string>;

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
    const ours = clientVersion(io);
    const isShort = hasChanged(io, 'version is short');
    const print = (server: ServerVersion | null) => {
      const all = {
        clientVersion: ours,
        ...(isShort ? { kustomizeVersion: KUSTOMIZE } : {}),
        ...(server ? { serverVersion: server } : {}),
      };
      if (format === 'yaml') io.stdout.write(`${renderYaml(all)}\n`);
      else if (format === 'json')
        io.stdout.write(renderJson(all).replaceAll(/^ +/gm, (indent) => ' '.repeat(indent.length / 2)));
      else if (!isShort) {
        io.stdout.write(`Client Version: ${renderStruct(ours)}\n`);
        if (server) io.stdout.write(`Server Version: ${renderStruct(server)}\n`);
      } else {
        io.stdout.write(`Client Version: ${ours.gitVersion}\nKustomize Version: ${KUSTOMIZE}\n`);
        if (server) io.stdout.write(`Server Version: ${server.gitVersion}\n`);
      }
    };
    if (flags.bool('client')) {
      print(null);
      return 0;
    }
    try {
      const client = await session.client();
      const server = await client.json<ServerVersion>('GET', '/version', { query: { timeout: '32s' } });
      print(server);
      if (isShort) warnOfSkew(ours.gitVersion, server.gitVersion, io);
    } catch (error) {
      print(null);
      throw error;
    }
    return 0;
  },
};

/** kubectl/pkg/cmd/version/skew_warning.go. */
function warnOfSkew(client: string, server: string, io: Io): void {
  const minor = (version: string) => /^v(\d+)\.(\d+)/.exec(version);
  const [own, theirs] = [minor(client), minor(server)];
  if (!own || !theirs || Math.abs(Number(own[2]) - Number(theirs[2])) <= 1) return;
  io.stderr.write(
    `WARNING: version difference between client (${own[1]}.${own[2]}) and server (${theirs[1]}.${theirs[2]}) exceeds the supported minor version skew of +/-1\n`,
  );
}

/** As Go prints its version.Info. */
function renderStruct(version: ServerVersion): string {
  const fields = [
    ['Major', version.major],
    ['Minor', version.minor],
    ['GitVersion', version.gitVersion],
    ['GitCommit', version.gitCommit],
    ['GitTreeState', version.gitTreeState],
    ['BuildDate', version.buildDate],
    ['GoVersion', version.goVersion],
    ['Compiler', version.compiler],
    ['Platform', version.platform],
  ];
  return `version.Info{${fields.map(([name, value]) => `${name}:${JSON.stringify(value)}`).join(', ')}}`;
}
