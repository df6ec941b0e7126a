import type { ComponentChildren } from 'preact';
import type { IconName } from '../controls/icon.tsx';
import { Icon, Spinner } from '../controls/icon.tsx';

const ICONS: Record<'passed' | 'failed' | 'asking', IconName> = { passed: 'check', failed: 'cross', asking: 'waiting' };

/** What became of a block or a check. It is in the page from the start and spoken when it changes. */
export function Outcome({
  status,
  children,
}: {
  status: 'idle' | 'running' | 'passed' | 'failed' | 'asking';
  children?: ComponentChildren;
}) {
  return (
    <div role="status" class="outcome" data-status={status}>
      {status === 'running' ? <Spinner /> : status !== 'idle' && <Icon name={ICONS[status]} />}
      {status !== 'idle' && <div class="outcome__text">{children}</div>}
    </div>
  );
}
