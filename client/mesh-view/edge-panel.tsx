import { useEffect, useRef } from 'preact/hooks';
import type { MeshEdge, MeshNode, MeshVerdict } from '../../common/mesh.ts';
import { Icon } from '../controls/icon.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';
import { healthOf, lockOf } from './edge-state.ts';
import { LockIcon, SidecarIcon } from './mesh-icons.tsx';
import { fullNodeName, isPods } from './node-words.ts';

interface EdgePanelProps {
  edge: MeshEdge;
  source: MeshNode | undefined;
  destination: MeshNode | undefined;
  windowSeconds: number;
  onClose(): void;
}

/** All that is known of one edge: who the two are, what passed, how safe it was, and why what failed did. */
export function EdgePanel({ edge, source, destination, windowSeconds, onClose }: EdgePanelProps) {
  const t = messages.value.mesh;
  const p = t.panel;
  const health = healthOf(edge);
  const panel = useRef<HTMLElement>(null);
  // On a phone it opens below the picture, out of sight.
  useEffect(() => panel.current?.scrollIntoView({ block: 'nearest' }), [edge.id]);
  return (
    <section ref={panel} class="mesh-panel" aria-label={p.heading} data-health={health}>
      <header class="mesh-panel__head">
        <h3 class="mesh-panel__title">
          {fullNodeName(source, t)} <span aria-hidden="true">→</span>
          <span class="visually-hidden"> {p.to} </span> {fullNodeName(destination, t)}
        </h3>
        <button type="button" class="button button--icon" aria-label={p.close} title={p.close} onClick={onClose}>
          <Icon name="cross" />
        </button>
      </header>
      <p class="mesh-panel__state" data-health={health}>
        <span class="mesh-panel__chip">{t.edge.health[health]}</span>{' '}
        {p.summary(edge.protocol, edge.count, Math.round(windowSeconds / 60))}
      </p>
      {edge.verdicts.length > 0 && <Verdicts verdicts={edge.verdicts} />}
      <Mutual edge={edge} />
      <div class="mesh-panel__ends">
        <End heading={p.from} node={source} identity={edge.sourceIdentity} edge={edge} />
        <End heading={p.to} node={destination} identity={edge.destinationIdentity} edge={edge} />
      </div>
      {edge.protocol !== 'refused' && edge.count > 0 && <Numbers edge={edge} windowSeconds={windowSeconds} />}
      {edge.protocol === 'refused' ? (
        <p class="mesh-panel__ours">{p.refusedIsOurs}</p>
      ) : (
        edge.unknownToIstio && <p class="mesh-panel__ours">{p.unknownToIstio}</p>
      )}
    </section>
  );
}

function Verdicts({ verdicts }: { verdicts: MeshEdge['verdicts'] }) {
  const p = messages.value.mesh.panel;
  return (
    <div class="mesh-panel__why">
      <h4>{p.why}</h4>
      <ul>
        {verdicts.map(({ verdict, count }) => (
          <li key={JSON.stringify([verdict.code, verdict.policy, verdict.detail, verdict.port])}>
            <Sentence text={p.verdict(verdict)} />{' '}
            {count > 1 && <span class="mesh-panel__times">{p.times(count)}</span>}
            <Advice verdict={verdict} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Advice({ verdict }: { verdict: MeshVerdict }) {
  const advice = messages.value.mesh.panel.advice(verdict);
  return advice === null ? null : (
    <span class="mesh-panel__advice">
      <Sentence text={advice} />
    </span>
  );
}

function Mutual({ edge }: { edge: MeshEdge }) {
  const t = messages.value.mesh;
  if (edge.protocol === 'refused' || edge.count === 0) return null;
  const lock = lockOf(edge);
  const { count, of } = edge.mutual;
  return (
    <p class="mesh-panel__mutual" data-lock={lock}>
      <LockIcon lock={lock} /> {of === 0 ? t.panel.noReport : t.panel.mutual(count, of)}
    </p>
  );
}

interface EndProps {
  heading: string;
  node: MeshNode | undefined;
  identity: string | null;
  edge: MeshEdge;
}

function End({ heading, node, identity, edge }: EndProps) {
  const t = messages.value.mesh;
  return (
    <div class="mesh-panel__end">
      <h4>{heading}</h4>
      <p>
        <strong>{fullNodeName(node, t)}</strong>
        {node !== undefined && isPods(node) && (
          <span class="mesh-panel__sidecar" data-present={node.sidecar}>
            <SidecarIcon present={node.sidecar} /> {node.sidecar ? t.node.sidecar : t.node.noSidecar}
          </span>
        )}
      </p>
      <p class="mesh-panel__identity">
        {identity === null ? (
          <span class="mesh-panel__none">{edge.count === 0 ? t.panel.noTraffic : t.panel.noIdentity}</span>
        ) : (
          <code>{identity}</code>
        )}
      </p>
    </div>
  );
}

function Numbers({ edge, windowSeconds }: { edge: MeshEdge; windowSeconds: number }) {
  const p = messages.value.mesh.panel;
  const isTcp = edge.protocol === 'tcp';
  return (
    <>
      <dl class="mesh-panel__numbers">
        <Fact name={p.rate} value={p.perSecond(edge.count / windowSeconds)} />
        <Fact name={p.errors} value={p.percent(edge.errors / edge.count)} />
        {edge.meanMs !== null && <Fact name={p.meanTime} value={p.milliseconds(edge.meanMs)} />}
        <Fact name={p.received} value={p.bytes(edge.receivedBytes)} />
        <Fact name={p.sent} value={p.bytes(edge.sentBytes)} />
      </dl>
      {!isTcp && edge.responses.length > 0 && <Responses edge={edge} />}
      {edge.services.length > 0 && (
        <p class="mesh-panel__services">
          {p.services}{' '}
          {edge.services.map((service) => (
            <code key={service}>{service}</code>
          ))}
        </p>
      )}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Responses({ edge }: { edge: MeshEdge }) {
  const p = messages.value.mesh.panel;
  return (
    <table class="mesh-table mesh-panel__responses">
      <thead>
        <tr>
          <th scope="col">{p.code}</th>
          <th scope="col">{p.flags}</th>
          <th scope="col">{p.count}</th>
        </tr>
      </thead>
      <tbody>
        {edge.responses.map(({ code, flags, count }) => (
          <tr key={`${code} ${flags}`} data-failed={code === 0 || code >= 400}>
            <td>{code === 0 ? p.noAnswer : code}</td>
            <td>{flags === '-' ? '–' : p.flag(flags)}</td>
            <td>{p.number(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
