import { FitAddon } from '@xterm/addon-fit';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'preact/hooks';
import { screenReaderMode } from '../state/layout.ts';
import { isMeshAddress } from '../state/mesh-address.ts';
import { meshShown } from '../state/mesh-tab.ts';
import { shownTheme } from '../state/theme.ts';
import { createLeaveKeys } from './leave-keys.ts';
import type { Screen, TerminalFeed } from './terminal-feed.ts';
import { readTerminalTheme } from './terminal-theme.ts';

/** Lines kept above the screen. */
const SCROLLBACK_LINES = 5000;
const FONT_SIZE_PX = 14;
/** Of the font's own height: at 1 some fonts lose their underscores below the row. */
const LINE_HEIGHT = 1.1;

interface TerminalScreenProps {
  label: string;
  /** Id of the text that says how to leave. */
  describedBy: string;
  active: boolean;
  /** Takes no keys: what is typed now would surprise later. */
  frozen: boolean;
  /** Whether a shell waits for a command; see `createLeaveKeys`. */
  atPrompt(): boolean;
  attach(screen: Screen): TerminalFeed;
  /** The terminal that is there to be typed into; null when it goes away. */
  onReady(terminal: Terminal | null): void;
}

/** xterm in its place on the page. For tests the place has it as property `terminal`. */
export function TerminalScreen(props: TerminalScreenProps) {
  const { label, describedBy, active, frozen, atPrompt, attach, onReady } = props;
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef<Terminal | null>(null);

  useEffect(() => {
    if (!host.current) return;
    const place = host.current as HTMLDivElement & { terminal?: Terminal };
    const terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      fontFamily: getComputedStyle(place).getPropertyValue('--font-code'),
      fontSize: FONT_SIZE_PX,
      lineHeight: LINE_HEIGHT,
      // The colours that programs choose were made for other backgrounds.
      minimumContrastRatio: 4.5,
      screenReaderMode: screenReaderMode.value,
      scrollback: SCROLLBACK_LINES,
      theme: readTerminalTheme(place),
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.loadAddon(new WebLinksAddon(followLink));
    void loadUnicode(terminal);
    terminal.open(place);
    fit.fit();

    const feed = attach({
      get columns() {
        return terminal.cols;
      },
      get rows() {
        return terminal.rows;
      },
      write: (data, drawn) => terminal.write(data, drawn),
      resize: (columns, rows) => terminal.resize(columns, rows),
      fit: () => fit.fit(),
    });
    terminal.onData((data) => feed.input(data));
    terminal.onResize(() => feed.resized());

    const leave = createLeaveKeys({ atPrompt, send: (data) => feed.input(data) });
    terminal.attachCustomKeyEventHandler((event) => {
      if (copies(event, terminal) || pastes(event, terminal)) return false;
      const fate = leave.key(event);
      if (fate === 'nobody') event.preventDefault();
      return fate === 'terminal';
    });
    terminal.textarea?.addEventListener('blur', () => leave.forget());

    const observer = new ResizeObserver(() => {
      // Without a size, in a page that is being folded, fit would make a terminal of two columns.
      if (place.clientWidth > 0 && place.clientHeight > 0) fit.fit();
    });
    observer.observe(place);
    place.terminal = terminal;
    shown.current = terminal;
    onReady(terminal);

    return () => {
      observer.disconnect();
      feed.dispose();
      onReady(null);
      shown.current = null;
      delete place.terminal;
      terminal.dispose();
    };
  }, []);

  useEffect(() => {
    if (shown.current && host.current) shown.current.options.theme = readTerminalTheme(host.current);
  }, [shownTheme.value]);
  useEffect(() => {
    if (shown.current) shown.current.options.screenReaderMode = screenReaderMode.value;
  }, [screenReaderMode.value]);
  useEffect(() => {
    if (shown.current) shown.current.options.disableStdin = frozen;
  }, [frozen]);
  useEffect(() => {
    shown.current?.textarea?.setAttribute('aria-label', label);
    shown.current?.textarea?.setAttribute('aria-describedby', describedBy);
  }, [label, describedBy]);

  return <div ref={host} class="terminal-pane__screen" data-active={active} inert={!active} />;
}

/** Ctrl-Shift-C, and Ctrl-C while something is selected, copy as the browser does; xterm supplies the text. */
function copies(event: KeyboardEvent, terminal: Terminal): boolean {
  if (event.type !== 'keydown' || !event.ctrlKey || event.altKey || event.metaKey) return false;
  if (event.key.toLowerCase() !== 'c' || !(event.shiftKey || terminal.hasSelection())) return false;
  event.preventDefault();
  document.execCommand('copy');
  terminal.clearSelection();
  return true;
}

/**
 * Ctrl-V is left to the browser, which pastes: a learner has copied a command, and bash would take the next key
 * literally without a word. A program that fills the screen, such as vim, keeps it; Ctrl-Shift-V pastes there too.
 */
function pastes(event: KeyboardEvent, terminal: Terminal): boolean {
  if (!event.ctrlKey || event.altKey || event.metaKey || event.key.toLowerCase() !== 'v') return false;
  return event.shiftKey || terminal.buffer.active.type === 'normal';
}

/** The mesh view opens in its place: in a page of its own it would take this session away. */
function followLink(_event: MouseEvent, address: string): void {
  if (isMeshAddress(address, location)) meshShown.value = true;
  else window.open(address, '_blank', 'noopener');
}

/** Widths of emoji as in today's programs. The tables are as large as the lesson, so they come after the first prompt. */
async function loadUnicode(terminal: Terminal): Promise<void> {
  const { Unicode11Addon } = await import('@xterm/addon-unicode11');
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
}
