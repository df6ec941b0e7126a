import { resourcePath, type Resource } from '../api/resource.ts';
import type { ApiObject } from '../api/object.ts';
import type { Command } from '../command.ts';
import { CommandError, StatusError } from '../errors.ts';
import { OUTPUT_FLAGS } from '../flag-sets.ts';
import { createPrinter } from '../output/printer.ts';
import { nameArgument } from './created.ts';

const SERVICE_ACCOUNTS = { group: '', version: 'v1', name: 'serviceaccounts', namespaced: true } as Resource;

interface TokenRequest extends ApiObject {
  status?: { token?: string };
}

export const token: Command = {
  usage: 'SERVICE_ACCOUNT_NAME',
  examples: [['A token for ten minutes', 'create token builder --duration=10m']],
  flags: [
    ...OUTPUT_FLAGS,
    { name: 'audience', type: 'list', usage: 'Who may be shown the token; may be repeated.' },
    {
      name: 'bound-object-kind',
      type: 'string',
      usage: 'Kind of the object that the token ends with: Pod, Secret or Node.',
    },
    { name: 'bound-object-name', type: 'string', usage: 'Name of that object.' },
    { name: 'bound-object-uid', type: 'string', usage: 'UID of that object.' },
    {
      name: 'duration',
      type: 'duration',
      default: '0s',
      usage: 'How long it lasts; the server decides when left out.',
    },
  ],
  async run(invocation) {
    const { flags, io, session } = invocation;
    const name = nameArgument(invocation);
    const { name: namespace } = await session.namespace();
    const [kind, bound, uid] = ['kind', 'name', 'uid'].map((part) => flags.string(`bound-object-${part}`));
    if (kind === '' && bound !== '')
      throw new CommandError('--bound-object-name can only be set if --bound-object-kind is provided');
    if (kind === '' && uid !== '')
      throw new CommandError('--bound-object-uid can only be set if --bound-object-kind is provided');
    const durationMs = flags.duration('duration');
    if (durationMs < 0) throw new CommandError('--duration must be greater than or equal to 0');
    if (durationMs % 1000 !== 0) throw new CommandError('--duration cannot be expressed in units less than seconds');
    const client = await session.client();
    const body = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      spec: {
        audiences: flags.list('audience').length > 0 ? flags.list('audience') : null,
        expirationSeconds: durationMs > 0 ? durationMs / 1000 : null,
        boundObjectRef: kind === '' ? null : { kind, apiVersion: 'v1', name: bound, uid },
      },
    };
    let answer: TokenRequest;
    try {
      answer = await client.json<TokenRequest>('POST', resourcePath(SERVICE_ACCOUNTS, namespace, name, 'token'), {
        body,
      });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      throw new CommandError(`failed to create token: ${error.status.message ?? ''}`);
    }
    if (flags.string('output') !== '') {
      io.stdout.write((await createPrinter(flags, io)).print(answer));
      return 0;
    }
    const text = answer.status?.token ?? '';
    if (text === '') throw new CommandError('failed to create token: no token in server response');
    io.stdout.write(`${text}\n`);
    return 0;
  },
};
