import type { ApiObject } from '../api/object.ts';
import type { Command } from '../command.ts';
import { OUTPUT_FLAGS } from '../flag-sets.ts';
import { createPrinter } from '../output/printer.ts';
import { alignColumns, TABLE_OPTIONS } from '../output/tabwriter.ts';

interface SelfReview extends ApiObject {
  status?: { userInfo?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> } };
}

export const whoami: Command = {
  usage: '',
  long: 'Shows who you are to the server.',
  flags: OUTPUT_FLAGS,
  async run({ flags, io, session }) {
    const client = await session.client();
    const review = await client.json<SelfReview>('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {},
        status: { userInfo: {} },
      },
    });
    if (flags.string('output') !== '') {
      io.stdout.write((await createPrinter(flags, io)).print(review));
      return 0;
    }
    const { username = '', uid, groups = [], extra = {} } = review.status?.userInfo ?? {};
    const rows = [
      ['ATTRIBUTE', 'VALUE'],
      ['Username', username],
      ...(uid ? [['UID', uid]] : []),
      ...(groups.length > 0 ? [['Groups', `[${groups.join(' ')}]`]] : []),
      ...Object.keys(extra)
        .sort()
        .map((key) => [`Extra: ${key}`, `[${(extra[key] ?? []).join(' ')}]`]),
    ];
    io.stdout.write(alignColumns(rows.map((cells) => `${cells.join('\t')}\n`).join(''), TABLE_OPTIONS));
    return 0;
  },
};
