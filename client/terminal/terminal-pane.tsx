import type { Signal } from '@preact/signals';
import type { Terminal } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, Spinner } from '../controls/icon.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { MeshPlace } from '../mesh-view/mesh-place.tsx';
import { isNarrow, screenReaderMode } from '../state/layout.ts';
import { meshShown, meshWithTerminal } from '../state/mesh-tab.ts';
import { messages } from '../state/navigation.ts';
import type { Session } from '../state/session.ts';
import { KeyBar } from './key-bar.tsx';
import { TerminalScreen } from './terminal-screen.tsx';
import { TerminalTabs } from './terminal-tabs.tsx';

const LEAVE_HINT_ID = 'terminal-leave';

interface TerminalPaneProps {
  session: Session;
  /** Terminals are numbered from 1 to this. */
  count: number;
  active: Signal<number>;
  /** Folded to its bar, on a narrow screen. */
  hidden: Signal<boolean>;
}

/** The terminals of a lesson, one in front, and what is said and done about it. */
export function TerminalPane({ session, count, active, hidden }: TerminalPaneProps) {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const screens = useRef(new Map<number, Terminal>());
  const opened = useOpened(active.value);
  const t = messages.value.terminal;
  const state = session.terminals.value[active.value];
  const shows = !meshShown.value ? 'terminal' : meshWithTerminal.value && !isNarrow.value ? 'both' : 'mesh';
  const running = state?.activity === 'running' && session.status.value.phase === 'open';

  return (
    <section class="terminal-pane" data-shows={shows} aria-label={t.region}>
      <div class="terminal-pane__bar">
        <TerminalTabs numbers={numbers} active={active} states={session.terminals.value} />
        <div class="terminal-pane__tools">
          {meshShown.value && !isNarrow.value && (
            <button
              type="button"
              class="button button--icon"
              aria-label={messages.value.mesh.toolbar.withTerminal}
              title={messages.value.mesh.toolbar.withTerminal}
              aria-pressed={meshWithTerminal.value}
              onClick={() => {
                meshWithTerminal.value = !meshWithTerminal.value;
              }}
            >
              <Icon name="split" />
            </button>
          )}
          <button
            type="button"
            class="button button--stop"
            aria-disabled={!running}
            onClick={() => running && session.interrupt(active.value)}
          >
            <Icon name="stop" />
            <span class="terminal-pane__stop-word">{t.stop}</span>
          </button>
          <button
            type="button"
            class="button button--icon"
            aria-label={t.screenReader}
            title={t.screenReader}
            aria-pressed={screenReaderMode.value}
            onClick={() => {
              screenReaderMode.value = !screenReaderMode.value;
            }}
          >
            <Icon name="speaker" />
          </button>
          <button
            type="button"
            class="button button--icon terminal-pane__fold"
            aria-label={hidden.value ? t.show : t.hide}
            aria-expanded={!hidden.value}
            onClick={() => {
              hidden.value = !hidden.value;
            }}
          >
            <Icon name={hidden.value ? 'up' : 'down'} />
          </button>
        </div>
      </div>
      {meshShown.value && <MeshPlace session={session} />}
      <div class="terminal-pane__screens">
        {numbers.map(
          (number) =>
            opened.has(number) && (
              <TerminalScreen
                key={number}
                label={t.name(number)}
                describedBy={LEAVE_HINT_ID}
                active={number === active.value}
                frozen={session.status.value.phase === 'closed'}
                atPrompt={() => session.terminals.peek()[number]?.activity === 'prompt'}
                attach={(screen) => session.attach(number, screen)}
                onReady={(terminal) =>
                  terminal ? screens.current.set(number, terminal) : screens.current.delete(number)
                }
              />
            ),
        )}
        <Overlay
          session={session}
          terminal={active.value}
          onRestarted={() => screens.current.get(active.value)?.focus()}
        />
      </div>
      <KeyBar
        applicationCursor={() => screens.current.get(active.value)?.modes.applicationCursorKeysMode ?? false}
        onKey={(data) => screens.current.get(active.value)?.input(data)}
      />
      <p id={LEAVE_HINT_ID} class="terminal-pane__leave">
        {t.leave}
      </p>
    </section>
  );
}

/** Over the screen when there is nothing to type into. */
function Overlay({ session, terminal, onRestarted }: { session: Session; terminal: number; onRestarted(): void }) {
  const t = messages.value.terminal;
  const state = session.terminals.value[terminal];
  if (state?.activity === 'ended') {
    return (
      <div class="terminal-pane__ended" role="alert">
        <p>
          <Sentence text={t.ended(state.exitCode)} />
        </p>
        <button
          type="button"
          class="button button--main"
          onClick={() => {
            session.restartShell(terminal);
            onRestarted();
          }}
        >
          <Icon name="restart" />
          {t.restart}
        </button>
      </div>
    );
  }
  if (state === undefined && session.status.value.phase !== 'closed') {
    return (
      <p class="terminal-pane__waiting">
        <Spinner /> {t.connecting}
      </p>
    );
  }
  return null;
}

/** A terminal starts its shell when it is looked at for the first time, and stays. */
function useOpened(active: number): ReadonlySet<number> {
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set([active]));
  useEffect(() => {
    if (!opened.has(active)) setOpened(new Set(opened).add(active));
  }, [active]);
  return opened;
}
