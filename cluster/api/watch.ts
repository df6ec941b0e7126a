import { type ServerResponse } from 'node:http';
import { type Clock } from '../clock.ts';
import { ApiError, expired } from '../objects/api-error.ts';
import { apiVersionOf, storeKeyOf, type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { type Change, type ObjectStore } from '../objects/store.ts';
import { type Selection } from './selection.ts';
import { renderTable, type TableRequest } from './table.ts';

export interface WatchRequest {
  kind: Kind;
  version: string;
  selection: Selection;
  table: TableRequest | undefined;
  /** Watch from here on; undefined or 0 sends what is there first. */
  resourceVersion: string | undefined;
  sendInitialEvents: boolean;
  bookmarks: boolean;
  timeoutSeconds: number | undefined;
}

// Upstream ends watches after 30 to 60 minutes unless the client asks for less; so do we, at the lower end.
const DEFAULT_TIMEOUT_SECONDS = 1800;
// A client that does not read: it lists again after its connection ended.
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

/** Streams changes until the client goes, the time is over or the returned function is called. */
export function serveWatch(
  { store, clock }: { store: ObjectStore; clock: Clock },
  response: ServerResponse,
  request: WatchRequest,
): () => void {
  const { kind, selection } = request;
  const resource = storeKeyOf(kind);
  let columnsSent = false;
  let stop: () => void = () => {};

  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();

  function send(type: string, object: unknown): void {
    if (response.destroyed) return;
    response.write(`${JSON.stringify({ type, object })}\n`);
    if (response.writableLength > MAX_UNSENT_BYTES) {
      stop();
      response.destroy();
    }
  }

  function sendObject(type: string, object: KubernetesObject): void {
    if (request.table) {
      const metadata = { resourceVersion: object.metadata.resourceVersion };
      send(
        type,
        renderTable(
          kind,
          [inVersion(object, kind, request.version)],
          metadata,
          request.table,
          clock.now(),
          !columnsSent,
        ),
      );
      columnsSent = true;
    } else {
      send(type, inVersion(object, kind, request.version));
    }
  }

  function sendBookmark(annotations?: Record<string, string>): void {
    const object = {
      apiVersion: apiVersionOf(kind, request.version),
      kind: kind.kind,
      metadata: { name: '', resourceVersion: String(store.revision), ...(annotations ? { annotations } : {}) },
    };
    if (request.table) {
      const row = {
        cells: kind.columns.map(() => null),
        object: { ...object, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
      };
      const table = renderTable(
        kind,
        [],
        { resourceVersion: object.metadata.resourceVersion },
        request.table,
        clock.now(),
        !columnsSent,
      );
      columnsSent = true;
      send('BOOKMARK', { ...table, rows: [row] });
    } else {
      send('BOOKMARK', object);
    }
  }

  // A change as this watch sees it: an object that enters the selection is new, one that leaves is gone.
  function sendChange(change: Change): void {
    const now = change.type !== 'DELETED' && selection(change.object);
    const before = change.type === 'ADDED' ? false : selection(change.previous ?? change.object);
    if (now) sendObject(before ? 'MODIFIED' : 'ADDED', change.object);
    else if (before) sendObject('DELETED', change.object);
  }

  const since = request.resourceVersion;
  if (request.sendInitialEvents || since === undefined || since === '' || since === '0') {
    for (const object of store.list(resource)) if (selection(object)) sendObject('ADDED', object);
    if (request.sendInitialEvents) sendBookmark({ 'k8s.io/initial-events-end': 'true' });
  } else {
    const changes = store.changesSince(resource, Number(since));
    if (!changes) {
      const error = expired(`too old resource version: ${since} (${store.revision})`);
      send('ERROR', error instanceof ApiError ? error.toStatus() : error);
      response.end();
      return () => {};
    }
    for (const change of changes) sendChange(change);
  }

  const unwatch = store.watchChanges(resource, sendChange);
  const seconds = Math.max(0, request.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
  const cancelTimeout = clock.schedule(Math.min(seconds, 86_400) * 1000, () => {
    if (request.bookmarks) sendBookmark();
    stop();
    response.end();
  });
  stop = () => {
    unwatch();
    cancelTimeout();
  };
  response.on('close', stop);
  return () => {
    stop();
    response.end();
  };
}

/** The object as another version of its API shows it: versions of a kind differ in nothing else. */
export function inVersion(object: KubernetesObject, kind: Kind, version: string): KubernetesObject {
  if (kind.view) return kind.view.show(object);
  const apiVersion = apiVersionOf(kind, version);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
