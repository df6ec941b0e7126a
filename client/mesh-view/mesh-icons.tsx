import type { EdgeLock, MeshNodeKind } from '../../common/mesh.ts';

/** Drawn on a grid of 12. */
const BODY = 'M2.5 5.5h7v5h-7z';
const SHACKLE = {
  all: 'M4 5.5V3.6a2 2 0 0 1 4 0v1.9',
  some: 'M4 5.5V3.4a2 2 0 0 1 3.8-.9',
  none: 'M4 5.5V3.4a2 2 0 0 1 3.8-.9M1 11L11 1',
} as const;

/** A padlock: closed where all is mutual TLS, open where part of it is, crossed out where nothing is. */
export function LockMark({ lock }: { lock: EdgeLock }) {
  return (
    <g class="lock-mark" data-lock={lock}>
      <path class="lock-mark__shackle" d={SHACKLE[lock]} />
      <path class="lock-mark__body" d={BODY} />
    </g>
  );
}

/** The same as an icon between words. */
export function LockIcon({ lock }: { lock: EdgeLock }) {
  return (
    <svg class="mesh-icon" viewBox="0 0 12 12" aria-hidden="true">
      <LockMark lock={lock} />
    </svg>
  );
}

/** A sidecar: a car beside. Struck out where there is none. */
export function SidecarMark({ present }: { present: boolean }) {
  return (
    <g class="sidecar-mark" data-present={present}>
      <path d="M6 .8l4.6 2.6v5.2L6 11.2 1.4 8.6V3.4z" />
      {present ? <path class="sidecar-mark__sign" d="M3.8 6.2l1.6 1.6 2.9-3.3" /> : <path d="M2.6 9.6l6.8-7.2" />}
    </g>
  );
}

export function SidecarIcon({ present }: { present: boolean }) {
  return (
    <svg class="mesh-icon" viewBox="0 0 12 12" aria-hidden="true">
      <SidecarMark present={present} />
    </svg>
  );
}

/** As Kiali tells them apart: a circle for a workload, a triangle for a service, a diamond for where traffic begins. */
const SHAPES: Record<MeshNodeKind, string> = {
  workload: 'M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18',
  gateway: 'M3 21V10a9 9 0 0 1 18 0v11h-5V11a4 4 0 0 0-8 0v10z',
  service: 'M12 3l10 18H2z',
  external: 'M7 17a5 5 0 0 1 .5-10A6 6 0 0 1 19 9a4 4 0 0 1-1 8z',
  outside: 'M12 2l10 10-10 10L2 12z',
  unknown: 'M12 2l10 10-10 10L2 12z',
};

/** Drawn on a grid of 24. */
export function NodeShape({ kind }: { kind: MeshNodeKind }) {
  return <path class="node-shape" data-kind={kind} d={SHAPES[kind]} />;
}

export function NodeIcon({ kind }: { kind: MeshNodeKind }) {
  return (
    <svg class="mesh-icon" viewBox="0 0 24 24" aria-hidden="true">
      <NodeShape kind={kind} />
    </svg>
  );
}
