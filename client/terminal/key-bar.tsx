import type { ComponentChildren } from 'preact';
import { Icon } from '../controls/icon.tsx';
import { messages } from '../state/navigation.ts';

const ARROWS = { up: 'A', down: 'B', right: 'C', left: 'D' } as const;

interface KeyBarProps {
  /** Whether the program wants arrows as `ESC O A` instead of `ESC [ A`. */
  applicationCursor(): boolean;
  onKey(data: string): void;
}

/** The keys that the keyboard of a phone does not have. */
export function KeyBar({ applicationCursor, onKey }: KeyBarProps) {
  const t = messages.value.terminal;
  const arrow = (name: keyof typeof ARROWS) => (
    <KeyButton label={t.arrow[name]} onPress={() => onKey(`\x1b${applicationCursor() ? 'O' : '['}${ARROWS[name]}`)}>
      <Icon name={name === 'left' ? 'previous' : name === 'right' ? 'next' : name} />
    </KeyButton>
  );
  return (
    <div class="key-bar" role="group" aria-label={t.keys}>
      <KeyButton onPress={() => onKey('\x1b')}>Esc</KeyButton>
      <KeyButton onPress={() => onKey('\t')}>Tab</KeyButton>
      <KeyButton onPress={() => onKey('\x03')}>Ctrl-C</KeyButton>
      {arrow('up')}
      {arrow('down')}
      {arrow('left')}
      {arrow('right')}
    </div>
  );
}

function KeyButton(props: { label?: string; onPress(): void; children: ComponentChildren }) {
  return (
    <button
      type="button"
      class="key-bar__key"
      aria-label={props.label}
      // The keyboard on the screen would fold away if the terminal lost the focus.
      onPointerDown={(event) => event.preventDefault()}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  );
}
