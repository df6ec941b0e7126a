import { useId, useMemo } from 'preact/hooks';
import type { EdgeHealth, EdgeLock, MeshEdge, MeshGraph, MeshNode, NamespaceMutualTls } from '../../common/mesh.ts';
import { messages } from '../state/navigation.ts';
import { edgePath, loopPath } from './edge-path.ts';
import { healthOf, lockOf } from './edge-state.ts';
import { FRAME_HEAD, layOut, layoutKey, type Box, type Frame, type Point } from './layout.ts';
import { LockMark, NodeShape, SidecarMark } from './mesh-icons.tsx';
import { statusLock } from './mesh-status.tsx';
import { fullNodeName, isPods, nodeName, shortened } from './node-words.ts';

const HEALTHS: EdgeHealth[] = ['healthy', 'degraded', 'failing', 'tcp', 'idle', 'refused'];
/** Below this the letters are too small to read: then the picture scrolls. */
const MIN_SCALE = 0.77;
/** Above this a small graph looks like a poster. */
const MAX_SCALE = 1.15;
/** Width of a letter, generously, for fonts differ: of a name, of an idle node's, of the facts below, and so on. */
const LETTER = { name: 8.7, idle: 8.2, facts: 6.7, frame: 8.4, label: 7.3 };
/** Nodes that are lower than this show their name alone. */
const FULL_HEIGHT = 40;

interface GraphPictureProps {
  graph: MeshGraph;
  nodes: readonly MeshNode[];
  edges: readonly MeshEdge[];
  /** Width that the picture is laid out for, in pixels; it stays the same while a panel takes part of it. */
  place: number;
  /** Of what is there now. */
  width: number;
  height: number;
  /** Id of the edge whose panel is open. */
  selected: string | null;
  onSelect(edge: string): void;
}

/** The graph as a picture. It stays where it is until a node or an edge comes or goes. */
export function GraphPicture({ graph, nodes, edges, place, width, height, selected, onSelect }: GraphPictureProps) {
  const t = messages.value.mesh;
  const key = layoutKey(nodes, edges, place);
  const layout = useMemo(() => layOut(nodes, edges, place), [key]);
  const fitting = Math.min(width / layout.width, height / layout.height);
  const scale = Math.min(MAX_SCALE, Math.max(fitting, MIN_SCALE, Math.min(1, (width / layout.width) * 0.85)));
  const arrows = useId();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  // What is selected is drawn last, above the others.
  const ordered = edges.toSorted((a, b) => Number(a.id === selected) - Number(b.id === selected));
  return (
    <svg
      class="mesh-picture"
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      width={layout.width * scale}
      height={layout.height * scale}
      role="group"
      aria-label={t.table.caption(Math.round(graph.windowSeconds / 60))}
    >
      <defs>
        {HEALTHS.map((health) => (
          <marker
            key={health}
            id={`${arrows}-${health}`}
            class="mesh-arrow"
            data-health={health}
            viewBox="0 0 10 10"
            refX="8.5"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            {health === 'refused' ? <path d="M3 1.5l6 7M9 1.5l-6 7" /> : <path d="M1 1l8 4-8 4z" />}
          </marker>
        ))}
      </defs>
      {layout.frames.map((frame) => {
        const status = graph.namespaces.find(({ namespace }) => namespace === frame.namespace);
        const guarded = nodes.some(({ namespace, sidecar }) => sidecar && namespace === frame.namespace);
        const key = `${frame.namespace} ${frame.isRest}`;
        return status && <NamespaceFrame key={key} frame={frame} status={status} guarded={guarded} />;
      })}
      {nodes.map((node) => {
        const place = layout.nodes.get(node.id);
        return place && <Node key={node.id} node={node} place={place} />;
      })}
      {ordered.map((edge) => {
        const way = layout.edges.get(edge.id);
        if (way === undefined) return null;
        return (
          <Edge
            key={edge.id}
            edge={edge}
            way={way}
            arrows={arrows}
            source={fullNodeName(byId.get(edge.source), t)}
            destination={fullNodeName(byId.get(edge.destination), t)}
            selected={edge.id === selected}
            onSelect={() => onSelect(edge.id)}
          />
        );
      })}
    </svg>
  );
}

function moveTo({ x, y }: Box): { transform: string } {
  return { transform: `translate(${x}px, ${y}px)` };
}

interface NamespaceFrameProps {
  frame: Frame;
  status: NamespaceMutualTls;
  /** Whether any pod of it has a sidecar: without one, what is said of mutual TLS does nothing. */
  guarded: boolean;
}

function NamespaceFrame({ frame, status, guarded }: NamespaceFrameProps) {
  const t = messages.value.mesh;
  const name = frame.isRest ? t.node.idleIn(frame.namespace) : frame.namespace;
  return (
    <g class="mesh-frame" data-namespace={frame.namespace} style={moveTo(frame)}>
      <title>{`${frame.namespace}: ${t.status.namespace(status.status, status.inherited)}`}</title>
      <rect width={frame.width} height={frame.height} rx="12" />
      {guarded && (
        <g transform={`translate(13 ${FRAME_HEAD / 2 - 7}) scale(1.1)`}>
          <LockMark lock={statusLock(status.status)} />
        </g>
      )}
      <text x={guarded ? 32 : 15} y={FRAME_HEAD / 2 + 5}>
        {shortened(name, Math.floor((frame.width - 40) / LETTER.frame))}
      </text>
    </g>
  );
}

function Node({ node, place }: { node: MeshNode; place: Box }) {
  const t = messages.value.mesh;
  const canHaveSidecar = isPods(node);
  const sidecar = canHaveSidecar ? (node.sidecar ? t.node.sidecar : t.node.noSidecar) : null;
  const facts = canHaveSidecar
    ? [node.version, node.sidecar ? null : sidecar, node.pods === 1 ? null : t.node.pods(node.pods)]
    : [t.node.kind[node.kind]];
  const shownFacts = facts.filter((fact) => fact !== null).join(' · ') || t.node.kind[node.kind];
  const isFull = place.height > FULL_HEIGHT;
  const badge = canHaveSidecar ? 20 : 0;
  const room = place.width - 46 - (isFull ? 0 : badge);
  const title = [fullNodeName(node, t), sidecar, t.node.kind[node.kind], node.version, t.node.pods(node.pods)];
  return (
    <g
      class="mesh-node"
      data-kind={node.kind}
      data-node={node.id}
      data-sidecar={canHaveSidecar ? node.sidecar : undefined}
      data-small={!isFull}
      data-gone={canHaveSidecar && node.pods === 0}
      style={moveTo(place)}
    >
      <title>
        {title
          .slice(0, canHaveSidecar ? 5 : 3)
          .filter(Boolean)
          .join(', ')}
      </title>
      <rect class="mesh-node__card" width={place.width} height={place.height} rx={isFull ? 10 : 8} />
      <g transform={`translate(12 ${place.height / 2 - 8}) scale(0.67)`}>
        <NodeShape kind={node.kind} />
      </g>
      <text class="mesh-node__name" x="37" y={isFull ? 21 : place.height / 2 + 4.5}>
        {shortened(nodeName(node, t), Math.floor(room / (isFull ? LETTER.name : LETTER.idle)))}
      </text>
      {isFull && (
        <text class="mesh-node__facts" x="37" y="37">
          {shortened(shownFacts, Math.floor((room - badge) / LETTER.facts))}
        </text>
      )}
      {canHaveSidecar && (
        <g transform={`translate(${place.width - 21} ${isFull ? 27 : place.height / 2 - 6.6}) scale(1.1)`}>
          <SidecarMark present={node.sidecar} />
        </g>
      )}
    </g>
  );
}

interface EdgeProps {
  edge: MeshEdge;
  way: { points: Point[]; label: Point };
  arrows: string;
  source: string;
  destination: string;
  selected: boolean;
  onSelect(): void;
}

function Edge({ edge, way, arrows, source, destination, selected, onSelect }: EdgeProps) {
  const t = messages.value.mesh;
  const health = healthOf(edge);
  const lock = lockOf(edge);
  const path = edge.source === edge.destination ? loopPath(way.points) : edgePath(way.points);
  const label = edge.count === 0 ? null : t.edge.short(edge.protocol, edge.count);
  const name = t.edge.name({
    source,
    destination,
    amount: t.edge.amount(edge.protocol, edge.count),
    health: t.edge.health[health],
    lock: edge.protocol === 'refused' || edge.count === 0 ? null : t.edge.lock[lock],
  });
  return (
    <g
      class="mesh-edge"
      data-health={health}
      data-lock={lock}
      data-edge={edge.id}
      data-moves={edge.recent > 0 && edge.protocol !== 'refused'}
      role="button"
      tabIndex={0}
      aria-label={name}
      aria-pressed={selected}
      onClick={onSelect}
      onFocus={(event) => {
        // By keyboard the panel follows the focus; a click has its own event.
        if ((event.currentTarget as Element).matches(':focus-visible')) onSelect();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onSelect();
      }}
    >
      <title>{name}</title>
      <path class="mesh-edge__reach" d={path} />
      <path class="mesh-edge__line" d={path} marker-end={`url(#${arrows}-${health})`} />
      {edge.recent > 0 && edge.protocol !== 'refused' && (
        <path
          class="mesh-edge__dots"
          d={path}
          // More traffic, more dots, and faster ones: one per request would be a line.
          style={{ '--dots-gap': edge.recent > 20 ? 14 : edge.recent > 5 ? 24 : 40 }}
        />
      )}
      {edge.errors > 0 && edge.recent > 0 && edge.protocol !== 'refused' && (
        <path class="mesh-edge__dots mesh-edge__dots--failed" d={path} />
      )}
      {label !== null && <EdgeLabel at={way.label} text={label} lock={lock} refused={health === 'refused'} />}
    </g>
  );
}

function EdgeLabel({ at, text, lock, refused }: { at: Point; text: string; lock: EdgeLock; refused: boolean }) {
  const hasLock = lock !== 'none';
  const width = text.length * LETTER.label + 16 + (hasLock ? 17 : 0) + (refused ? 15 : 0);
  return (
    <g class="mesh-label" transform={`translate(${at.x - width / 2} ${at.y - 11})`}>
      <rect width={width} height="22" rx="11" />
      {hasLock && (
        <g transform="translate(8 4.5) scale(1.05)">
          <LockMark lock={lock} />
        </g>
      )}
      {refused && <path class="mesh-label__refused" d="M12.5 6.5a4.5 4.5 0 1 0 .01 0M9.4 14.2l6.3-6.4" />}
      <text x={hasLock ? 25 : refused ? 22 : 8} y="15">
        {text}
      </text>
    </g>
  );
}
