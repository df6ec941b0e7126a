import type { RunBlock } from '../../common/lesson.ts';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';
import { hasHole } from './holes.ts';

/** What a command should print, folded. Nothing when it may print anything. */
export function ExpectedOutputView({ block }: { block: RunBlock }) {
  const t = messages.value.run;
  if (block.outputs.length === 0 && block.exit === 0) return null;
  return (
    <details class="expected">
      <summary class="expected__summary">{t.expected}</summary>
      {block.outputs.map((output, index) => (
        <div key={index}>
          {output.mode === 'any-order' && <p class="expected__note">{t.anyOrder}</p>}
          {output.mode === 'not' && <p class="expected__note">{t.none}</p>}
          <pre class="expected__text" tabIndex={0}>
            {output.text}
          </pre>
        </div>
      ))}
      {block.outputs.some((output) => hasHole(output.text)) && (
        <p class="expected__note">
          <Sentence text={t.varies} />
        </p>
      )}
      {block.exit !== 0 && (
        <p class="expected__note">
          <Sentence text={t.exit(block.exit)} />
        </p>
      )}
    </details>
  );
}
