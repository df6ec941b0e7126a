import type { Signal } from '@preact/signals';
import type { TerminalState } from '../../common/protocol.ts';
import { Icon, Spinner } from '../controls/icon.tsx';
import { meshShown } from '../state/mesh-tab.ts';
import { messages } from '../state/navigation.ts';

const MESH = 'mesh' as const;

interface TerminalTabsProps {
  numbers: number[];
  active: Signal<number>;
  states: Record<number, TerminalState>;
}

/** What is in front: a terminal, or the mesh view. The arrow keys move between them. */
export function TerminalTabs({ numbers, active, states }: TerminalTabsProps) {
  const t = messages.value.terminal;
  const ways: (number | typeof MESH)[] = [...numbers, MESH];
  const front = meshShown.value ? MESH : active.value;
  function show(way: number | typeof MESH): void {
    meshShown.value = way === MESH;
    if (way !== MESH) active.value = way;
  }
  function key(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const position = (ways.indexOf(front) + step + ways.length) % ways.length;
    show(ways[position] ?? front);
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
          aria-selected={number === front}
          tabIndex={number === front ? 0 : -1}
          onClick={() => show(number)}
        >
          {numbers.length > 1 ? t.name(number) : t.region}
          {states[number]?.activity === 'running' && <Spinner />}
        </button>
      ))}
      <button
        type="button"
        role="tab"
        class="tabs__tab"
        aria-selected={front === MESH}
        tabIndex={front === MESH ? 0 : -1}
        onClick={() => show(MESH)}
      >
        <Icon name="mesh" />
        {messages.value.mesh.tab}
      </button>
    </div>
  );
}
