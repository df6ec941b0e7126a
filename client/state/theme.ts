import { computed, effect, signal } from '@preact/signals';
import { stored } from './stored.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** What the learner chose. */
export const theme = stored<Theme>('theme', 'system', (text) => THEMES.find((name) => name === text) ?? null);

const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(darkSystem.matches);
darkSystem.addEventListener('change', (event) => {
  systemIsDark.value = event.matches;
});

/** What is shown. */
export const shownTheme = computed<'light' | 'dark'>(() =>
  theme.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : theme.value,
);

/** Keeps `data-theme` of the document right; the tokens of the style sheet depend on it. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = shownTheme.value;
  });
}
