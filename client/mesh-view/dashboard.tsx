import type { MeshGraph, MeshNode } from '../../common/mesh.ts';
import { messages } from '../state/navigation.ts';
import { LockIcon } from './mesh-icons.tsx';
import { fullNodeName, nodeName } from './node-words.ts';
import { Sparkline } from './sparkline.tsx';

/**
 * Request volume, success rate and share of mutual TLS of each workload, as Grafana's dashboards of Istio show them: a
 * success is whatever is not a 5xx, and what counts is what the workload was asked for.
 */
export function Dashboard({ graph }: { graph: MeshGraph }) {
  const t = messages.value.mesh;
  const d = t.dashboard;
  const asked = graph.nodes.filter(({ points }) => points.requests.some((count) => count > 0));
  const minutes = Math.round(graph.windowSeconds / 60);
  return (
    <div class="mesh-dashboard">
      <Totals graph={graph} />
      {asked.length === 0 ? (
        <p class="mesh-view__quiet">{d.noRequests}</p>
      ) : (
        <div class="mesh-tables__scroll" tabIndex={0} role="region" aria-label={d.caption(minutes)}>
          <table class="mesh-table mesh-dashboard__table">
            <caption>{d.caption(minutes)}</caption>
            <thead>
              <tr>
                <th scope="col">{d.workload}</th>
                <th scope="col">{d.volume}</th>
                <th scope="col">{d.success}</th>
                <th scope="col">{d.mutual}</th>
              </tr>
            </thead>
            <tbody>
              {asked.map((node) => (
                <WorkloadRow key={node.id} node={node} graph={graph} />
              ))}
            </tbody>
          </table>
          <p class="mesh-dashboard__note">{d.note}</p>
        </div>
      )}
    </div>
  );
}

function WorkloadRow({ node, graph }: { node: MeshNode; graph: MeshGraph }) {
  const t = messages.value.mesh;
  const d = t.dashboard;
  const { requests, successes, mutual } = node.points;
  const total = sum(requests);
  const name = fullNodeName(node, t);
  const rate = t.panel.perSecond(total / graph.windowSeconds);
  const success = t.panel.percent(sum(successes) / total);
  const share = sum(mutual) / total;
  const shares = (part: readonly number[]) =>
    requests.map((all, index) => (all === 0 ? null : (part[index] ?? 0) / all));
  return (
    <tr data-workload={node.id}>
      <th scope="row">
        {nodeName(node, t)} <span class="mesh-dashboard__namespace">{node.namespace}</span>
      </th>
      <td>
        <Sparkline kind="volume" values={requests} max={Math.max(...requests)} label={d.chart(d.volume, name, rate)} />
        <span>{rate}</span>
      </td>
      <td>
        <Sparkline kind="success" values={shares(successes)} max={1} label={d.chart(d.success, name, success)} />
        <span>{success}</span>
      </td>
      <td>
        <Sparkline
          kind="mutual"
          values={shares(mutual)}
          max={1}
          label={d.chart(d.mutual, name, t.panel.percent(share))}
        />
        <span>
          <LockIcon lock={share >= 1 ? 'all' : share > 0 ? 'some' : 'none'} /> {t.panel.percent(share)}
        </span>
      </td>
    </tr>
  );
}

/** The head of Grafana's mesh dashboard. */
function Totals({ graph }: { graph: MeshGraph }) {
  const t = messages.value.mesh;
  const d = t.dashboard;
  const http = graph.edges.filter(({ protocol }) => protocol === 'http' || protocol === 'grpc');
  const total = sum(http.map(({ count }) => count));
  const answers = http.flatMap(({ responses }) => responses);
  const countOf = (matches: (code: number) => boolean) =>
    sum(answers.filter(({ code }) => matches(code)).map(({ count }) => count));
  const failed = countOf((code) => code >= 500 || code === 0);
  return (
    <dl class="mesh-totals">
      <div>
        <dt>{d.globalVolume}</dt>
        <dd>{t.panel.perSecond(total / graph.windowSeconds)}</dd>
      </div>
      <div>
        <dt>{d.globalSuccess}</dt>
        <dd>{total === 0 ? '–' : t.panel.percent(1 - failed / total)}</dd>
      </div>
      <div>
        <dt>4xx</dt>
        <dd>{t.panel.number(countOf((code) => code >= 400 && code < 500))}</dd>
      </div>
      <div>
        <dt>5xx</dt>
        <dd>{t.panel.number(countOf((code) => code >= 500))}</dd>
      </div>
    </dl>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
