import type { ApiList } from '../api/object.ts';
import { watch } from '../api/watch.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { lastTime, renderAge, sortEvents, type EventObject } from '../describe/events.ts';
import { ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, OUTPUT_FLAGS } from '../flag-sets.ts';
import { createPrinter } from '../output/printer.ts';
import { alignColumns, TABLE_OPTIONS } from '../output/tabwriter.ts';

export const command: Command = {
  usage: '[(-o|--output=)json|yaml|name|jsonpath] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  long: 'Lists what happened, oldest first.',
  examples: [
    ['To one object', 'events --for pod/web'],
    ['Only what went wrong', 'events --types=Warning'],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    ALL_NAMESPACES_FLAG,
    CHUNK_SIZE_FLAG,
    { name: 'for', type: 'string', usage: 'Only about this object, as TYPE/NAME.' },
    { name: 'no-headers', type: 'bool', usage: 'Leave out the line with the names of the columns.' },
    { name: 'types', type: 'csv', usage: 'Only of these types: Normal, Warning.' },
    { name: 'watch', short: 'w', type: 'bool', usage: 'Go on with new events.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, io, session } = invocation;
  for (const type of flags.list('types')) {
    if (!/^(normal|warning)$/i.test(type)) throw new CommandError(`valid --types are Normal or Warning`);
  }
  const namespace = (await session.namespace()).name;
  const everywhere = flags.bool('all-namespaces');
  const path = everywhere ? '/api/v1/events' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  const query = await selectorOf(invocation);
  const client = await session.client();
  const list = await client.json<ApiList>('GET', path, {
    query: { ...query, limit: flags.int('chunk-size') || undefined },
  });
  const events = sortEvents((list.items ?? []) as EventObject[]).filter((event) => isWanted(invocation, event));
  const remembered: number[] = [];
  let headed = flags.bool('no-headers');
  const show = (shown: readonly EventObject[]) => {
    const lines = shown.map((event) => renderLine(event, everywhere, io.now()));
    if (!headed)
      lines.unshift(
        [...(everywhere ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'].join('\t'),
      );
    headed = true;
    io.stdout.write(alignColumns(lines.map((line) => `${line}\n`).join(''), { ...TABLE_OPTIONS, remembered }));
  };
  if (flags.string('output') !== '') {
    const printer = await createPrinter(flags, io);
    io.stdout.write(printer.print({ kind: 'EventList', apiVersion: 'v1', metadata: {}, items: events }));
  } else if (events.length > 0) {
    show(events);
  } else if (!flags.bool('watch')) {
    io.stderr.write(everywhere ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`);
  }
  if (!flags.bool('watch')) return 0;
  const changes = watch<EventObject>(client, path, { ...query, resourceVersion: list.metadata?.resourceVersion });
  for await (const { type, object } of changes) {
    if (type !== 'DELETED' && type !== 'BOOKMARK' && isWanted(invocation, object)) show([object]);
  }
  return 0;
}

async function selectorOf({ flags, session }: Invocation): Promise<{ fieldSelector?: string }> {
  const about = flags.string('for');
  if (about === '') return {};
  const [type = '', name] = about.split('/');
  if (!name) throw new CommandError(`--for must be in resource/name form`);
  const { kind } = await (await session.discovery()).find(type);
  return { fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${name}` };
}

function isWanted({ flags }: Invocation, event: EventObject): boolean {
  const types = flags.list('types').map((type) => type.toLowerCase());
  return types.length === 0 || types.includes((event.type ?? '').toLowerCase());
}

function renderLine(event: EventObject, everywhere: boolean, now: number): string {
  const { kind = '', name = '' } = event.involvedObject ?? {};
  const age = lastTime(event) === null ? '<unknown>' : renderAge(event, now);
  const cells = [age, event.type ?? '', event.reason ?? '', `${kind}/${name}`, (event.message ?? '').trim()];
  return [...(everywhere ? [event.metadata?.namespace ?? ''] : []), ...cells].join('\t');
}
