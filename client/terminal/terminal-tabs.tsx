import type { Signal } from '@preact/signals';
import type { TerminalState } from '../../common/protocol.ts';
import { Spinner } from '../controls/icon.tsx';
import { messages } from '../state/navigation.ts';

interface TerminalTabsProps {
  numbers: number[];
  active: Signal<number>;
  states: Record<number, TerminalState>;
}

/** Which of several terminals is in front; the arrow keys move between them. */
export function TerminalTabs({ numbers, active, states }: TerminalTabsProps) {
  const t = messages.value.terminal;
  function key(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const position = (numbers.indexOf(active.value) + step + numbers.length) % numbers.length;
    active.value = numbers[position] ?? active.value;
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[position]?.focus();
  }
  return (
    <div class="tabs" role="tablist" aria-label={t.tabs} onKeyDown={key}>
      {numbers.map((number) => (
        <button
          key={number}
          type="button"
          role="tab"
          class="tabs__tab"
          aria-selected={number === active.value}
          tabIndex={number === active.value ? 0 : -1}
          onClick={() => {
            active.value = number;
          }}
        >
          {t.name(number)}
          {states[number]?.activity === 'running' && <Spinner />}
        </button>
      ))}
    </div>
  );
}
