import type { MeshEdge, MeshGraph, MeshNode } from '../../common/mesh.ts';
import { messages } from '../state/navigation.ts';
import { healthOf, lockOf } from './edge-state.ts';
import { LockIcon, NodeIcon, SidecarIcon } from './mesh-icons.tsx';
import { fullNodeName, isPods } from './node-words.ts';

interface MeshTableProps {
  graph: MeshGraph;
  nodes: readonly MeshNode[];
  edges: readonly MeshEdge[];
  selected: string | null;
  onSelect(edge: string): void;
}

/** The facts of the picture in rows: who talks to whom, and who is there. */
export function MeshTable({ graph, nodes, edges, selected, onSelect }: MeshTableProps) {
  const t = messages.value.mesh;
  const w = t.table;
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const minutes = Math.round(graph.windowSeconds / 60);
  return (
    <div class="mesh-tables">
      <div class="mesh-tables__scroll" tabIndex={0} role="region" aria-label={w.caption(minutes)}>
        <table class="mesh-table">
          <caption>{w.caption(minutes)}</caption>
          <thead>
            <tr>
              <th scope="col">{w.from}</th>
              <th scope="col">{w.to}</th>
              <th scope="col">{w.protocol}</th>
              <th scope="col">{w.traffic}</th>
              <th scope="col">{w.errors}</th>
              <th scope="col">{w.mutual}</th>
              <th scope="col">{w.state}</th>
            </tr>
          </thead>
          <tbody>
            {edges.length === 0 && (
              <tr>
                <td colSpan={7}>{w.empty}</td>
              </tr>
            )}
            {edges.map((edge) => (
              <EdgeRow
                key={edge.id}
                edge={edge}
                source={fullNodeName(byId.get(edge.source), t)}
                destination={fullNodeName(byId.get(edge.destination), t)}
                selected={edge.id === selected}
                onSelect={() => onSelect(edge.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <div class="mesh-tables__scroll" tabIndex={0} role="region" aria-label={w.workloads}>
        <table class="mesh-table">
          <caption>{w.workloads}</caption>
          <thead>
            <tr>
              <th scope="col">{w.workload}</th>
              <th scope="col">{w.namespace}</th>
              <th scope="col">{w.kind}</th>
              <th scope="col">{w.sidecar}</th>
              <th scope="col">{w.pods}</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <tr key={node.id}>
                <th scope="row">{fullNodeName({ ...node, namespace: null }, t)}</th>
                <td>{node.namespace ?? '–'}</td>
                <td>
                  <NodeIcon kind={node.kind} /> {t.node.kind[node.kind]}
                </td>
                <td>
                  {isPods(node) ? (
                    <>
                      <SidecarIcon present={node.sidecar} /> {node.sidecar ? w.yes : w.no}
                    </>
                  ) : (
                    '–'
                  )}
                </td>
                <td>{isPods(node) ? node.pods : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface EdgeRowProps {
  edge: MeshEdge;
  source: string;
  destination: string;
  selected: boolean;
  onSelect(): void;
}

function EdgeRow({ edge, source, destination, selected, onSelect }: EdgeRowProps) {
  const t = messages.value.mesh;
  const health = healthOf(edge);
  const lock = lockOf(edge);
  const isTraffic = edge.protocol !== 'refused' && edge.count > 0;
  return (
    <tr data-edge={edge.id} data-health={health} aria-selected={selected}>
      <th scope="row">
        <button
          type="button"
          class="mesh-table__link"
          aria-label={t.table.details(source, destination)}
          aria-pressed={selected}
          onClick={onSelect}
        >
          {source}
        </button>
      </th>
      <td>{destination}</td>
      <td>{t.edge.protocol[edge.protocol]}</td>
      <td>{t.edge.amount(edge.protocol, edge.count)}</td>
      <td>{isTraffic ? t.panel.percent(edge.errors / edge.count) : '–'}</td>
      <td>
        {isTraffic ? (
          <>
            <LockIcon lock={lock} /> {edge.mutual.of === 0 ? '–' : t.panel.percent(edge.mutual.count / edge.mutual.of)}
          </>
        ) : (
          '–'
        )}
      </td>
      <td>
        <span class="mesh-panel__chip">{t.edge.health[health]}</span>
      </td>
    </tr>
  );
}
