import { describe, expect, it } from 'vitest';
import {
  createThreeWayMergePatch,
  applyMergePatch,
} from '../../../../../server/commands/kubectl/patches/merge-patch.ts';
import {
  applyStrategicPatch,
  createThreeWayStrategicPatch,
} from '../../../../../server/commands/kubectl/patches/strategic-patch.ts';
import { applyJsonPatch } from '../../../../../server/commands/kubectl/patches/json-patch.ts';

const container = (name: string, more: object = {}) => ({ name, image: `${name}:1`, ...more });
const pod = (...containers: object[]) => ({ spec: { containers } });

describe('createThreeWayStrategicPatch', () => {
  it('is empty when the file says what is there, whatever the server added', () => {
    const file = pod(container('a'));
    const live = { spec: { containers: [container('a', { imagePullPolicy: 'Always' })], nodeName: 'node-1' } };

    expect(createThreeWayStrategicPatch(file, file, live)).toEqual({});
  });

  it('changes one item of a list by its merge key', () => {
    const live = pod(container('a'), container('b'));
    const file = pod(container('a', { image: 'a:2' }), container('b'));

    expect(createThreeWayStrategicPatch(live, file, live)).toEqual({
      spec: {
        '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }],
        containers: [{ name: 'a', image: 'a:2' }],
      },
    });
  });

  it('removes what the file had and has no more, and nothing else', () => {
    const before = { metadata: { labels: { a: '1', b: '2' } }, ...pod(container('a'), container('old')) };
    const file = { metadata: { labels: { a: '1' } }, ...pod(container('a')) };
    const live = {
      metadata: { labels: { a: '1', b: '2', theirs: '3' } },
      ...pod(container('a'), container('old'), container('sidecar')),
    };

    const patched = applyStrategicPatch(live, createThreeWayStrategicPatch(before, file, live));

    expect(patched).toEqual({
      metadata: { labels: { a: '1', theirs: '3' } },
      ...pod(container('a'), container('sidecar')),
    });
  });

  it('adds items in the order of the file', () => {
    const live = pod(container('b'));
    const file = pod(container('a'), container('b'));

    const patched = applyStrategicPatch(live, createThreeWayStrategicPatch(live, file, live));

    expect(patched).toEqual(file);
  });

  it('replaces lists that have no merge key as a whole', () => {
    const live = pod(container('a', { args: ['1', '2'] }));
    const file = pod(container('a', { args: ['3'] }));

    expect(applyStrategicPatch(live, createThreeWayStrategicPatch(live, file, live))).toEqual(file);
  });

  it('keeps only the keys of a strategy that the file has', () => {
    const live = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const file = { spec: { strategy: { type: 'Recreate' } } };

    expect(applyStrategicPatch(live, createThreeWayStrategicPatch({}, file, live))).toEqual(file);
  });
});

describe('createThreeWayMergePatch', () => {
  it('changes, adds and removes as the file does', () => {
    const before = { spec: { gone: 1, same: 1, changed: 1 } };
    const file = { spec: { same: 1, changed: 2, added: { a: 1 } } };
    const live = { spec: { gone: 1, same: 1, changed: 1, theirs: 1 } };

    const patch = createThreeWayMergePatch(before, file, live);

    expect(patch).toEqual({ spec: { gone: null, changed: 2, added: { a: 1 } } });
    expect(applyMergePatch(live, patch)).toEqual({ spec: { same: 1, changed: 2, added: { a: 1 }, theirs: 1 } });
  });

  it('is empty when nothing is to do', () => {
    expect(createThreeWayMergePatch({ a: 1 }, { a: 1 }, { a: 1, b: 2 })).toEqual({});
  });
});

describe('applyStrategicPatch', () => {
  it('obeys $patch', () => {
    expect(applyStrategicPatch(pod(container('a'), container('b')), pod({ name: 'a', $patch: 'delete' }))).toEqual(
      pod(container('b')),
    );
    expect(
      applyStrategicPatch(
        { metadata: { labels: { a: '1' } } },
        { metadata: { labels: { $patch: 'replace', b: '2' } } },
      ),
    ).toEqual({ metadata: { labels: { b: '2' } } });
  });
});

describe('applyJsonPatch', () => {
  it('adds, removes, replaces, moves and copies', () => {
    const patched = applyJsonPatch({ a: [1, 2], b: { 'x/y': 1 } }, [
      { op: 'add', path: '/a/1', value: 9 },
      { op: 'add', path: '/a/-', value: 3 },
      { op: 'remove', path: '/b/x~1y' },
      { op: 'replace', path: '/a/0', value: 0 },
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'move', from: '/c', path: '/d' },
    ]);

    expect(patched).toEqual({ a: [0, 9, 2, 3], b: {}, d: [0, 9, 2, 3] });
  });

  it('refuses a path that is not there', () => {
    expect(() => applyJsonPatch({}, [{ op: 'remove', path: '/spec/nosuch' }])).toThrow('does not exist');
  });
});
