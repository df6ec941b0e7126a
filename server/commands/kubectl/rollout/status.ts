import type { ApiList, ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { watch } from '../api/watch.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fileFlags, SELECTOR_FLAG } from '../flag-sets.ts';
import { rolloutStatus } from '../rollouts.ts';
import { findTargets, forEachTarget, listTarget, type Target } from '../targets.ts';

export const status: Command = {
  usage: '(TYPE NAME | TYPE/NAME)',
  long: 'Says how far a rollout is, until it is done.',
  examples: [['Wait at most a minute', 'rollout status deployment/web --timeout=60s']],
  flags: [
    ...fileFlags('that names the objects'),
    SELECTOR_FLAG,
    { name: 'revision', type: 'int', usage: 'Revision to follow; 0 for the latest.' },
    { name: 'timeout', type: 'duration', default: '0s', usage: 'How long to wait; 0 for as long as it takes.' },
    { name: 'watch', short: 'w', type: 'bool', default: 'true', usage: 'Wait until it is done.' },
  ],
  async run(invocation) {
    if (invocation.args.length === 0 && invocation.flags.list('filename').length === 0) {
      throw new CommandError('required resource not specified');
    }
    const targets = await findTargets(invocation, { allWhenNoName: invocation.flags.string('selector') !== '' });
    await forEachTarget(targets, async (target) => {
      for (const object of await listTarget(invocation, target)) await follow(invocation, target, object);
    });
    return 0;
  },
};

async function follow(invocation: Invocation, target: Target, first: ApiObject): Promise<void> {
  const { flags, session } = invocation;
  checkRevision(invocation, first);
  if (report(invocation, first) || !flags.bool('watch')) return;
  const client = await session.client();
  const path = resourcePath(target.resource, first.metadata?.namespace);
  const fieldSelector = `metadata.name=${first.metadata?.name ?? ''}`;
  const timeoutMs = flags.duration('timeout');
  const signal = AbortSignal.timeout(timeoutMs > 0 ? timeoutMs : 2 ** 31 - 1);
  let seen = first.metadata?.resourceVersion;
  while (!signal.aborted) {
    const list = await client.json<ApiList>('GET', path, { query: { fieldSelector } });
    const [current] = list.items ?? [];
    if (!current) throw new CommandError('object has been deleted');
    if (current.metadata?.resourceVersion !== seen && report(invocation, { kind: first.kind, ...current })) return;
    const query = { fieldSelector, resourceVersion: list.metadata?.resourceVersion };
    for await (const event of watch<ApiObject>(client, path, query, { signal })) {
      seen = event.object.metadata?.resourceVersion;
      if (event.type === 'DELETED') throw new CommandError('object has been deleted');
      if (event.type !== 'BOOKMARK' && report(invocation, event.object)) return;
    }
  }
  throw new CommandError('timed out waiting for the condition');
}

/** kubectl/pkg/polymorphichelpers/rollout_status.go: only the latest revision can be followed. */
function checkRevision({ flags }: Invocation, object: ApiObject): void {
  const wanted = flags.int('revision');
  if (wanted === 0 || object.kind !== 'Deployment') return;
  const running = Number(object.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  if (running !== wanted)
    throw new CommandError(`desired revision (${wanted}) is different from the running revision (${running})`);
}

/** @returns whether the rollout is done. */
function report({ io }: Invocation, object: ApiObject): boolean {
  const found = rolloutStatus(object);
  if ('error' in found) throw new CommandError(found.error);
  io.stdout.write(found.message);
  return found.done;
}
