import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fileFlags, OUTPUT_FLAGS } from '../flag-sets.ts';
import { findTargets, forEachTarget, getTarget } from '../targets.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
}

export const command: Command = {
  usage: 'SUBCOMMAND',
  long: 'Approves or denies requests for certificates.',
  subcommands: [
    { name: 'approve', short: 'Approve a request for a certificate', load: () => Promise.resolve(deciding('approve')) },
    { name: 'deny', short: 'Deny a request for a certificate', load: () => Promise.resolve(deciding('deny')) },
  ],
};

const DECISIONS = {
  approve: { type: 'Approved', reason: 'KubectlApprove', done: 'approved' },
  deny: { type: 'Denied', reason: 'KubectlDeny', done: 'denied' },
} as const;

function deciding(verb: 'approve' | 'deny'): Command {
  return {
    usage: '(-f FILENAME | NAME)',
    flags: [
      ...fileFlags('that names the requests'),
      ...OUTPUT_FLAGS,
      { name: 'force', type: 'bool', usage: 'Also when it has been decided already.' },
    ],
    run: (invocation) => decide(invocation, verb),
  };
}

/** kubectl/pkg/cmd/certificates/certificates.go. */
async function decide(invocation: Invocation, verb: 'approve' | 'deny'): Promise<number> {
  const { args, flags, io, session } = invocation;
  if (args.length === 0 && flags.list('filename').length === 0 && flags.string('kustomize') === '') {
    throw new CommandError('one or more CSRs must be specified as <name> or -f <filename>');
  }
  const { type, reason, done } = DECISIONS[verb];
  const words = args.length === 0 || args[0]?.includes('/') ? args : ['certificatesigningrequests', ...args];
  const targets = await findTargets(invocation, { words });
  const print = await createChangePrinter(invocation);
  await forEachTarget(targets, async (target) => {
    const object = await getTarget(invocation, target);
    const status = (object.status ?? {}) as { conditions?: Condition[] };
    const conditions = status.conditions ?? [];
    if (conditions.some((each) => each.type === type) && !flags.bool('force')) return print(object, done);
    const condition: Condition = {
      type,
      status: 'True',
      reason,
      message: `This CSR was ${done} by kubectl certificate ${verb}.`,
      lastUpdateTime: new Date(io.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    };
    const { resource, name = '' } = target;
    const client = await session.client();
    const changed = await client.json<ApiObject>('PUT', resourcePath(resource, '', name, 'approval'), {
      body: { ...object, status: { ...status, conditions: [...conditions, condition] } },
      subject: { resource: resource.name, name },
    });
    print(changed, done);
  });
  return 0;
}
