import type { EdgeLock, MeshGraph, MutualTlsStatus, NamespaceMutualTls } from '../../common/mesh.ts';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';
import { LockIcon } from './mesh-icons.tsx';

const LOCKS: Record<MutualTlsStatus, EdgeLock> = {
  enabled: 'all',
  partial: 'some',
  disabled: 'none',
  'not-enabled': 'none',
};

/** A full, a hollow or no padlock, as in Kiali's masthead. */
export function statusLock(status: MutualTlsStatus): EdgeLock {
  return LOCKS[status];
}

/** Mutual TLS of the whole mesh, and on demand of each namespace, with the objects that say so. */
export function MeshStatus({ graph }: { graph: MeshGraph }) {
  const t = messages.value.mesh.status;
  const { mesh, automatic, namespaces } = graph;
  return (
    <details class="mesh-status">
      <summary class="mesh-status__summary">
        <LockIcon lock={statusLock(mesh.status)} />
        <span class="mesh-status__words">{t.mesh(mesh.status, mesh.client === null)}</span>
        <span class="mesh-status__more">{t.details}</span>
      </summary>
      <dl class="mesh-status__list">
        <dt>
          <LockIcon lock={statusLock(mesh.status)} /> {t.wholeMesh}
        </dt>
        <dd>
          <Sentence text={t.servers(mesh.server?.mode ?? null, mesh.server?.by ?? null)} />{' '}
          <Sentence text={t.clients(mesh.client?.mode ?? null, mesh.client?.by ?? null, automatic)} />
        </dd>
        {namespaces.map((namespace) => (
          <NamespaceStatus
            key={namespace.namespace}
            status={namespace}
            automatic={automatic}
            guarded={graph.nodes.some((node) => node.sidecar && node.namespace === namespace.namespace)}
          />
        ))}
      </dl>
    </details>
  );
}

interface NamespaceStatusProps {
  status: NamespaceMutualTls;
  automatic: boolean;
  /** Whether any pod of it has a sidecar. */
  guarded: boolean;
}

function NamespaceStatus({ status, automatic, guarded }: NamespaceStatusProps) {
  const t = messages.value.mesh.status;
  const { server, client } = status;
  return (
    <>
      <dt>
        <LockIcon lock={statusLock(status.status)} /> <code>{status.namespace}</code>
      </dt>
      <dd>
        {t.namespace(status.status, status.inherited)}{' '}
        {!status.inherited && (
          <>
            <Sentence text={t.servers(server?.mode ?? null, server?.by ?? null)} />{' '}
            <Sentence text={t.clients(client?.mode ?? null, client?.by ?? null, automatic)} />
          </>
        )}
        {!guarded && ` ${t.noSidecars}`}
      </dd>
    </>
  );
}
