import type { EdgeHealth, EdgeLock, MeshNodeKind } from '../../common/mesh.ts';
import { messages } from '../state/navigation.ts';
import { LockIcon, NodeIcon, SidecarIcon } from './mesh-icons.tsx';

const HEALTHS: EdgeHealth[] = ['healthy', 'degraded', 'failing', 'tcp', 'idle', 'refused'];
const LOCKS: EdgeLock[] = ['all', 'some'];
const KINDS: MeshNodeKind[] = ['workload', 'gateway', 'service', 'external', 'outside'];

/** What colours and signs mean. */
export function Legend() {
  const t = messages.value.mesh;
  return (
    <details class="mesh-legend">
      <summary>{t.legend.heading}</summary>
      <ul class="mesh-legend__list">
        {HEALTHS.map((health) => (
          <li key={health}>
            <svg class="mesh-legend__line" viewBox="0 0 28 8" aria-hidden="true">
              <g class="mesh-edge" data-health={health}>
                <path class="mesh-edge__line" d="M1 4h26" />
              </g>
            </svg>
            {t.legend.health[health]}
          </li>
        ))}
        {LOCKS.map((lock) => (
          <li key={lock}>
            <LockIcon lock={lock} /> {t.edge.lock[lock]}
          </li>
        ))}
        {[true, false].map((present) => (
          <li key={String(present)}>
            <SidecarIcon present={present} /> {present ? t.node.sidecar : t.node.noSidecar}
          </li>
        ))}
        {KINDS.map((kind) => (
          <li key={kind}>
            <NodeIcon kind={kind} /> {t.node.kind[kind]}
          </li>
        ))}
      </ul>
    </details>
  );
}
