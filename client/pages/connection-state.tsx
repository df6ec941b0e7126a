import type { CloseReason } from '../connection/close-reason.ts';
import type { ConnectionStatus } from '../connection/connection.ts';
import type { IconName } from '../controls/icon.tsx';
import { Icon } from '../controls/icon.tsx';
import { messages } from '../state/navigation.ts';

const ICONS: Record<ConnectionStatus['phase'], IconName> = {
  connecting: 'waiting',
  open: 'plug',
  reconnecting: 'waiting',
  closed: 'unplug',
};

/** One word in the header. */
export function ConnectionState({ status }: { status: ConnectionStatus }) {
  const t = messages.value.connection;
  const words = { connecting: t.connecting, open: t.connected, reconnecting: t.reconnecting, closed: t.closed };
  return (
    <span class="connection" role="status" data-phase={status.phase} title={words[status.phase]}>
      <Icon name={ICONS[status.phase]} />
      <span class="connection__word">{words[status.phase]}</span>
    </span>
  );
}

/** What the learner has to decide before the page connects again. */
export function ClosedBanner({ reason, onReconnect }: { reason: CloseReason; onReconnect(): void }) {
  const t = messages.value.connection;
  const cases: Record<CloseReason, { text: string; action: string; reload: boolean }> = {
    expired: { text: t.expired, action: t.reload, reload: true },
    upgrade: { text: t.upgrade, action: t.reload, reload: true },
    'taken-over': { text: t.takenOver, action: t.useHere, reload: false },
    'not-found': { text: t.notFound, action: t.reload, reload: true },
    refused: { text: t.refused, action: t.tryAgain, reload: false },
    broken: { text: t.broken, action: t.tryAgain, reload: false },
  };
  const { text, action, reload } = cases[reason];
  return (
    <div class="banner" role="alert">
      <p>{text}</p>
      <button type="button" class="button button--main" onClick={() => (reload ? location.reload() : onReconnect())}>
        {action}
      </button>
    </div>
  );
}
