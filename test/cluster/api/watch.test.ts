import { expect, onTestFinished, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

interface WatchEvent {
  type: string;
  object: Record<string, unknown> & { metadata: Record<string, unknown> };
}

/** Collects the events of a watch until the test ends. */
async function openWatch(url: string, headers: Record<string, string> = {}): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(url, { headers, signal: abort.signal });
  const read = async () => {
    let rest = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n');
      rest = lines.pop() ?? '';
      events.push(...lines.map((line) => JSON.parse(line) as WatchEvent));
    }
  };
  read().catch(() => undefined);
  return events;
}

const configMap = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, labels },
  data: { name },
});
const summary = (events: WatchEvent[]) => events.map(({ type, object }) => `${type} ${String(object.metadata.name)}`);

test('a watch goes on from a resourceVersion without a gap', async () => {
  const { request, url } = await serveCluster();
  const { json: list } = await request('GET', CONFIG_MAPS);
  await request('POST', CONFIG_MAPS, configMap('a', { w: '1' }));

  const events = await openWatch(
    `${url}${CONFIG_MAPS}?watch=1&labelSelector=w&resourceVersion=${String(list.metadata.resourceVersion)}`,
  );
  await request('PATCH', `${CONFIG_MAPS}/a`, { data: { k: '1' } }, { 'content-type': 'application/merge-patch+json' });
  await request('DELETE', `${CONFIG_MAPS}/a`);

  await expect.poll(() => summary(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
});

test('an object that enters a selection is added, and one that leaves it is deleted', async () => {
  const { request, url } = await serveCluster();
  const patch = (labels: Record<string, string | null>) =>
    request('PATCH', `${CONFIG_MAPS}/a`, { metadata: { labels } }, { 'content-type': 'application/merge-patch+json' });
  await request('POST', CONFIG_MAPS, configMap('a'));
  const { json: list } = await request('GET', CONFIG_MAPS);

  const events = await openWatch(
    `${url}${CONFIG_MAPS}?watch=1&labelSelector=w%3D1&resourceVersion=${String(list.metadata.resourceVersion)}`,
  );
  await patch({ w: '1' });
  await patch({ other: 'x' });
  await patch({ w: null });

  await expect.poll(() => summary(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
});

test('sendInitialEvents ends what is there with a bookmark', async () => {
  const { request, url } = await serveCluster();
  await request('POST', CONFIG_MAPS, configMap('a', { w: '1' }));

  const events = await openWatch(
    `${url}${CONFIG_MAPS}?watch=1&labelSelector=w&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  );

  await expect.poll(() => events).toHaveLength(2);
  expect(events[0]).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } });
  expect(events[1]).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
});

test('only the first Table of a watch has columns', async () => {
  const { request, url } = await serveCluster();
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const events = await openWatch(`${url}${CONFIG_MAPS}?watch=1&labelSelector=w&sendInitialEvents=true`, { accept });

  await request('POST', CONFIG_MAPS, configMap('a', { w: '1' }));
  await request('POST', CONFIG_MAPS, configMap('b', { w: '1' }));

  await expect.poll(() => events).toHaveLength(3);
  const columns = events.map(({ object }) => (object.columnDefinitions as unknown[] | null)?.length ?? 0);
  expect(columns).toEqual([3, 0, 0]);
  expect(events[2]?.object.rows).toMatchObject([{ cells: ['b', '1', '0s'] }]);
});

test('a revision of the future is too old or too new, and says so', async () => {
  const { url } = await serveCluster();

  const events = await openWatch(`${url}${CONFIG_MAPS}?watch=1&resourceVersion=999999`);

  await expect.poll(() => events).toHaveLength(1);
  expect(events[0]).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
});

test('a watch ends when its time is over', async () => {
  const { url } = await serveCluster();

  const response = await fetch(`${url}${CONFIG_MAPS}?watch=1&resourceVersion=1&labelSelector=none&timeoutSeconds=0`);

  expect(await response.text()).toBe('');
});
