import type { MeshVerdict } from '../../common/mesh.ts';
import { Icon } from '../controls/icon.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';

/** What the mesh refused or failed while a command or a check ran, in terms of its rules. */
export function Why({ verdicts, open }: { verdicts: readonly MeshVerdict[]; open: boolean }) {
  if (verdicts.length === 0) return null;
  const t = messages.value;
  return (
    <details class="hint why" open={open}>
      <summary class="hint__summary">
        <Icon name="search" />
        {t.why.summary}
      </summary>
      <ul class="why__verdicts">
        {verdicts.map((verdict) => (
          <li key={JSON.stringify([verdict.time, verdict.code, verdict.client, verdict.server])}>
            <Sentence text={t.why.between(verdict.client, verdict.server, verdict.request?.host ?? null)} />{' '}
            <Sentence text={t.mesh.panel.verdict(verdict)} />
          </li>
        ))}
      </ul>
    </details>
  );
}
