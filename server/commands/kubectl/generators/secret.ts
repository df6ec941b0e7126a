import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';
import { KEY_VALUE_FLAGS, readKeyValues } from './key-values.ts';

const generic: Command = {
  usage: 'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  examples: [
    ['A user and a password', 'create secret generic login --from-literal=user=ann --from-literal=password=swordfish'],
  ],
  flags: [...CREATE_FLAGS, ...KEY_VALUE_FLAGS, { name: 'type', type: 'string', usage: 'Type of the secret.' }],
  async run(invocation) {
    const name = nameArgument(invocation);
    await createSecret(
      invocation,
      name,
      readKeyValues(invocation, 'Secret'),
      invocation.flags.string('type'),
      'failed to create secret ',
    );
    return 0;
  },
};

const tls: Command = {
  usage: 'NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
  flags: [
    ...CREATE_FLAGS,
    { name: 'append-hash', type: 'bool', usage: 'Put a hash of the content behind the name (not simulated).' },
    { name: 'cert', type: 'string', usage: 'File with the certificate, PEM.' },
    { name: 'key', type: 'string', usage: 'File with the key, PEM.' },
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const name = nameArgument(invocation);
    if (flags.string('key') === '' || flags.string('cert') === '')
      throw new CommandError('key and cert must be specified');
    const read = (file: string) => {
      try {
        return readFileSync(resolve(io.cwd, file));
      } catch {
        throw new CommandError(`Cannot read file ${file}, open ${file}: no such file or directory`);
      }
    };
    const data = new Map([
      ['tls.crt', read(flags.string('cert'))],
      ['tls.key', read(flags.string('key'))],
    ]);
    await createSecret(invocation, name, data, 'kubernetes.io/tls', 'failed to create secret ');
    return 0;
  },
};

const dockerRegistry: Command = {
  usage:
    'NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--dry-run=server|client|none]',
  flags: [
    ...CREATE_FLAGS,
    { name: 'docker-email', type: 'string', usage: 'Email of the account.' },
    { name: 'docker-password', type: 'string', usage: 'Password of the account.' },
    {
      name: 'docker-server',
      type: 'string',
      default: 'https://index.docker.io/v1/',
      usage: 'Address of the registry.',
    },
    { name: 'docker-username', type: 'string', usage: 'Name of the account.' },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const name = nameArgument(invocation);
    const [username, password, email] = ['docker-username', 'docker-password', 'docker-email'].map((flag) =>
      flags.string(flag),
    );
    if (!username || !password) {
      throw new CommandError(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      );
    }
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    const entry = { username, password, ...(email ? { email } : {}), auth };
    const config = JSON.stringify({ auths: { [flags.string('docker-server')]: entry } });
    const data = new Map([['.dockerconfigjson', Buffer.from(config)]]);
    await createSecret(invocation, name, data, 'kubernetes.io/dockerconfigjson', 'failed to create secret ');
    return 0;
  },
};

export const secret: Command = {
  usage: '(docker-registry | generic | tls)',
  helpOn: 'stderr',
  long: 'Creates a secret of one of three kinds.',
  subcommands: [
    { name: 'docker-registry', short: 'Credentials of an image registry', load: () => Promise.resolve(dockerRegistry) },
    { name: 'generic', short: 'Values from files or from the command line', load: () => Promise.resolve(generic) },
    { name: 'tls', short: 'A certificate and its key', load: () => Promise.resolve(tls) },
  ],
};

async function createSecret(
  invocation: Invocation,
  name: string,
  entries: ReadonlyMap<string, Buffer>,
  type: string,
  failure: string,
) {
  const data = Object.fromEntries([...entries].map(([key, value]) => [key, value.toString('base64')]));
  const object = {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name },
    ...(entries.size > 0 ? { data } : {}),
    ...(type === '' ? {} : { type }),
  };
  await createFromFlags(invocation, { group: '', version: 'v1', name: 'secrets', namespaced: true }, object, failure);
}
