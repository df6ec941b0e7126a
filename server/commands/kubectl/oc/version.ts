import type { Command } from '../command.ts';
import { ConnectionError } from '../errors.ts';
import { isOpenShift3 } from './era.ts';
import { serverOf } from './projects.ts';
import { renderJson } from '../output/json.ts';
import { renderYaml } from '../output/yaml.ts';
import { clientVersion } from '../release.ts';

/** The oc that this one has the texts of. */
const CLIENT = '4.20.0';
const KUSTOMIZE = 'v5.6.0';

/**
 * `oc version`. openshift/oc, pkg/cli/version/version.go; of 3.11 openshift/origin, pkg/oc/cli/version. The version of
 * OpenShift on the server is left out, as both do where they may not or cannot ask for it.
 */
export const command: Command = {
  usage: '[flags]',
  long: 'Prints the version of oc that this program follows, and that of the server.',
  flags: [
    { name: 'client', type: 'bool', usage: 'Do not ask the server.' },
    { name: 'output', short: 'o', type: 'string', usage: 'yaml or json.' },
  ],
  async run(invocation) {
    const { flags, io, session } = invocation;
    const ask = async () => (await session.client()).json<{ gitVersion: string }>('GET', '/version');
    if (isOpenShift3(io)) {
      io.stdout.write('oc v3.11.0+0cbc58b\nkubernetes v1.11.0+d4cacc0\nfeatures: Basic-Auth GSSAPI Kerberos SPNEGO\n');
      if (flags.bool('client')) return 0;
      try {
        const { gitVersion } = await ask();
        io.stdout.write(`\nServer ${await serverOf(invocation)}\nkubernetes ${gitVersion}\n`);
      } catch (error) {
        // Without a server it says what it knows.
        if (!(error instanceof ConnectionError)) throw error;
      }
      return 0;
    }
    const server = flags.bool('client') ? null : await ask();
    const format = flags.string('output');
    if (format === 'json' || format === 'yaml') {
      const all = {
        clientVersion: clientVersion(io),
        kustomizeVersion: KUSTOMIZE,
        ...(server ? { serverVersion: server } : {}),
        releaseClientVersion: CLIENT,
      };
      io.stdout.write(format === 'json' ? renderJson(all) : `${renderYaml(all)}\n`);
      return 0;
    }
    io.stdout.write(`Client Version: ${CLIENT}\nKustomize Version: ${KUSTOMIZE}\n`);
    if (server) io.stdout.write(`Kubernetes Version: ${server.gitVersion}\n`);
    return 0;
  },
};
