import type { ComparedLine } from '../../common/lesson.ts';
import { Icon } from '../controls/icon.tsx';
import type { IconName } from '../controls/icon.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';
import { hasHole } from './holes.ts';

type Row = 'same' | 'expected' | 'actual' | 'missing' | 'unexpected';

const ICONS: Record<Row, IconName> = {
  same: 'check',
  expected: 'dash',
  actual: 'plus',
  missing: 'dash',
  unexpected: 'plus',
};

/** What was expected against what came, line by line. */
export function Comparison({ lines }: { lines: ComparedLine[] }) {
  if (lines.length === 0) return null;
  return (
    <div class="comparison" role="group" aria-label={messages.value.run.compared}>
      <ul class="comparison__lines">
        {lines.map((line, index) => (
          <Line key={index} line={line} />
        ))}
      </ul>
      {lines.some((line) => 'expected' in line && hasHole(line.expected)) && (
        <p class="expected__note">
          <Sentence text={messages.value.run.varies} />
        </p>
      )}
    </div>
  );
}

function Line({ line }: { line: ComparedLine }) {
  switch (line.kind) {
    case 'same':
      return <Text row="same" text={line.text} />;
    case 'different':
      return (
        <>
          <Text row="expected" text={line.expected} />
          <Text row="actual" text={line.actual} />
        </>
      );
    case 'missing':
      return <Text row="missing" text={line.expected} />;
    case 'unexpected':
      return <Text row="unexpected" text={line.actual} />;
    case 'elided':
      return (
        <li class="comparison__line" data-row="elided">
          <span class="comparison__label">…</span>
          <span>{messages.value.run.elided(line.count)}</span>
        </li>
      );
  }
}

function Text({ row, text }: { row: Row; text: string }) {
  const t = messages.value.run;
  return (
    <li class="comparison__line" data-row={row}>
      <span class="comparison__label">
        <Icon name={ICONS[row]} />
        <span class={row === 'same' ? 'visually-hidden' : undefined}>{t.line[row]}</span>
      </span>
      {text === '' ? <em>{t.emptyLine}</em> : <code>{text}</code>}
    </li>
  );
}
