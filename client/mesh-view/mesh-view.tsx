import { useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { MESH_WINDOWS, type MeshEdge, type MeshGraph, type MeshNode } from '../../common/mesh.ts';
import { Spinner } from '../controls/icon.tsx';
import { messages } from '../state/navigation.ts';
import type { Session } from '../state/session.ts';
import { Dashboard } from './dashboard.tsx';
import { EdgePanel } from './edge-panel.tsx';
import { GraphPicture } from './graph-picture.tsx';
import { Legend } from './legend.tsx';
import { MeshStatus } from './mesh-status.tsx';
import { MeshTable } from './mesh-table.tsx';
import { MESH_FACES, meshFace, meshWindow, showsIdle } from './view-settings.ts';

/** The mesh of the session, live while this is shown. */
export function MeshView({ session }: { session: Session }) {
  const t = messages.value.mesh;
  const window = meshWindow.value;
  // Another window replaces what is shown once it is there.
  useEffect(() => session.watchMesh(window), [session, window]);
  useEffect(() => () => session.watchMesh(null), [session]);
  const seen = session.mesh.value;
  return (
    <section class="mesh-view" aria-label={t.region}>
      {seen === null ? (
        <p class="mesh-view__quiet">
          <Spinner /> {session.status.value.phase === 'open' ? t.loading : t.disconnected}
        </p>
      ) : seen.graph === null ? (
        <div class="mesh-view__empty">
          <h3>{t.noMesh}</h3>
          <p>{t.noMeshText}</p>
        </div>
      ) : (
        <LiveMesh graph={seen.graph} />
      )}
    </section>
  );
}

function LiveMesh({ graph }: { graph: MeshGraph }) {
  const t = messages.value.mesh;
  const selected = useSignal<string | null>(null);
  const { nodes, edges } = shownOf(graph, showsIdle.value);
  const face = meshFace.value;
  const edge = graph.edges.find(({ id }) => id === selected.value);
  const node = (id: string): MeshNode | undefined => graph.nodes.find((one) => one.id === id);
  const returning = useRef(false);
  const select = (id: string): void => {
    if (!returning.current) selected.value = id;
  };
  const body = useRef<HTMLDivElement>(null);
  const { width: place } = useSize(body);
  const close = (): void => {
    const id = selected.value;
    selected.value = null;
    // Back to where the panel was opened from, which for once is no wish to open it.
    returning.current = true;
    const origin = [...(body.current?.querySelectorAll<SVGElement | HTMLElement>('[data-edge]') ?? [])].find(
      (element) => element.dataset['edge'] === id,
    );
    (origin?.querySelector('button') ?? origin)?.focus();
    returning.current = false;
  };
  return (
    <>
      <Head graph={graph} />
      <div class="mesh-view__body" ref={body} data-face={face}>
        <div class="mesh-view__main">
          {face === 'graph' && nodes.length > 0 && (
            <Canvas
              graph={graph}
              nodes={nodes}
              edges={edges}
              place={place}
              selected={selected.value}
              onSelect={select}
            />
          )}
          {face === 'graph' && nodes.length === 0 && (
            <div class="mesh-view__empty">
              <h3>{t.emptyHeading}</h3>
              <p>{t.emptyText}</p>
            </div>
          )}
          {face === 'table' && (
            <MeshTable graph={graph} nodes={nodes} edges={edges} selected={selected.value} onSelect={select} />
          )}
          {face === 'dashboard' && <Dashboard graph={graph} />}
          {face === 'graph' && nodes.length > 0 && !graph.edges.some(({ count }) => count > 0) && (
            <p class="mesh-view__quiet">{t.quiet}</p>
          )}
          {face === 'graph' && <Legend />}
        </div>
        {edge !== undefined && face !== 'dashboard' && (
          <EdgePanel
            edge={edge}
            source={node(edge.source)}
            destination={node(edge.destination)}
            windowSeconds={graph.windowSeconds}
            onClose={close}
          />
        )}
      </div>
      <Announcements graph={graph} />
    </>
  );
}

function Head({ graph }: { graph: MeshGraph }) {
  const t = messages.value.mesh;
  return (
    <div class="mesh-head">
      <MeshStatus graph={graph} />
      <div class="mesh-head__tools">
        <div class="mesh-switch" role="group" aria-label={t.toolbar.view}>
          {MESH_FACES.map((face) => (
            <button
              key={face}
              type="button"
              class="mesh-switch__way"
              aria-pressed={meshFace.value === face}
              onClick={() => {
                meshFace.value = face;
              }}
            >
              {t.toolbar[face]}
            </button>
          ))}
        </div>
        <label class="mesh-head__window">
          <span class="visually-hidden">{t.toolbar.window}</span>
          <select
            value={meshWindow.value}
            onChange={(event) => {
              meshWindow.value = Number(event.currentTarget.value);
            }}
          >
            {MESH_WINDOWS.map((seconds) => (
              <option key={seconds} value={seconds}>
                {t.toolbar.lastMinutes(seconds / 60)}
              </option>
            ))}
          </select>
        </label>
        <label class="mesh-head__idle">
          <input
            type="checkbox"
            checked={showsIdle.value}
            onChange={(event) => {
              showsIdle.value = event.currentTarget.checked;
            }}
          />
          {t.toolbar.idle}
        </label>
      </div>
    </div>
  );
}

/** Tells a screen reader of each edge that begins to be refused or to fail; what goes well is no news. */
function Announcements({ graph }: { graph: MeshGraph }) {
  const t = messages.value.mesh;
  const known = useRef<ReadonlySet<string> | null>(null);
  const [news, setNews] = useState('');
  const troubled = graph.edges.filter(({ protocol, errors }) => protocol === 'refused' || errors > 0);
  const key = troubled.map(({ id }) => id).join('\n');
  useEffect(() => {
    const before = known.current;
    known.current = new Set(troubled.map(({ id }) => id));
    if (before === null) return;
    const fresh = troubled.filter(({ id }) => !before.has(id));
    const name = (id: string): string => graph.nodes.find((node) => node.id === id)?.name ?? '';
    if (fresh.length > 0)
      setNews(fresh.map((edge) => t.announce(edge.protocol, name(edge.source), name(edge.destination))).join(' '));
  }, [key]);
  return (
    <p class="visually-hidden" role="status">
      {news}
    </p>
  );
}

/** Without idle ones: what has edges with traffic, and those edges. */
function shownOf(graph: MeshGraph, idle: boolean): { nodes: readonly MeshNode[]; edges: readonly MeshEdge[] } {
  if (idle) return graph;
  const edges = graph.edges.filter(({ count }) => count > 0);
  const ends = new Set(edges.flatMap(({ source, destination }) => [source, destination]));
  return { edges, nodes: graph.nodes.filter(({ id }) => ends.has(id)) };
}

interface CanvasProps {
  graph: MeshGraph;
  nodes: readonly MeshNode[];
  edges: readonly MeshEdge[];
  place: number;
  selected: string | null;
  onSelect(edge: string): void;
}

/** The picture's place, which scrolls where the picture does not fit, to what was selected. */
function Canvas(props: CanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(frame);
  const { selected, place } = props;
  useEffect(() => {
    const label = frame.current?.querySelector('.mesh-edge[aria-pressed="true"] .mesh-label');
    label?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [selected, width, height]);
  return (
    <div
      class="mesh-view__canvas"
      ref={frame}
      role="region"
      aria-label={messages.value.mesh.toolbar.graph}
      tabIndex={0}
    >
      {width > 0 && place > 0 && <GraphPicture {...props} width={width} height={height} />}
    </div>
  );
}

/** Inner size of an element in CSS pixels; 0 before it is laid out. */
function useSize(element: { current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return size;
}
