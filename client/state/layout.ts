import { signal } from '@preact/signals';
import { stored } from './stored.ts';

/** Share of the lesson beside the terminal, in percent. */
export const SPLIT_MIN = 20;
export const SPLIT_MAX = 80;

function parseSplit(text: string): number | null {
  const value = Number(text);
  return value >= SPLIT_MIN && value <= SPLIT_MAX ? value : null;
}

/** On a wide screen, where the two stand side by side. */
export const wideSplit = stored('split', 46, parseSplit);
/** On a narrow screen, where the terminal stands below. */
export const narrowSplit = stored('split-narrow', 60, parseSplit);

/** Whether xterm keeps a copy of its text for screen readers, which costs speed. */
export const screenReaderMode = stored('screen-reader', false, (text) =>
  text === 'true' ? true : text === 'false' ? false : null,
);

// The same width as in styles/layout.css.
const narrowScreen = matchMedia('(max-width: 48rem)');
export const isNarrow = signal(narrowScreen.matches);
narrowScreen.addEventListener('change', (event) => {
  isNarrow.value = event.matches;
});
