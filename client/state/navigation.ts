import { computed, signal } from '@preact/signals';
import type { Locale } from '../../common/locale.ts';
import { LOCALES } from '../../common/locale.ts';
import type { Messages } from '../../common/messages/index.ts';
import { MESSAGES } from '../../common/messages/index.ts';
import { parseRoute, translatedPath } from './route.ts';

/** A year, in seconds. */
const COOKIE_AGE = 365 * 24 * 3600;

const path = signal(location.pathname);
/** With its `#`, or empty. */
export const hash = signal(location.hash);

export const route = computed(() => parseRoute(path.value));

/** The language of the address; without one, the first that the browser asks for and that there is. */
export const locale = computed<Locale>(
  () =>
    route.value.locale ??
    LOCALES.find((known) => navigator.languages.some((wanted) => wanted.split('-')[0] === known)) ??
    LOCALES[0],
);

export const messages = computed<Messages>(() => MESSAGES[locale.value]);

function follow(): void {
  path.value = location.pathname;
  hash.value = location.hash;
}

window.addEventListener('popstate', follow);
window.addEventListener('hashchange', follow);

/** Whether the page that is shown was reached from another one: then no browser says its title to who cannot see it. */
let arrived = false;

/** For the heading of a page: goes on there after a link, as if the browser had loaded it. */
export function focusOnArrival(heading: HTMLElement | null): void {
  if (arrived) heading?.focus({ preventScroll: true });
}

/** Shows another page without loading anew. `to`: path of a URL, with hash if any. */
export function navigate(to: string): void {
  history.pushState(null, '', to);
  arrived = true;
  follow();
}

/** The same page in another language; going back does not lead through the languages. */
export function chooseLocale(chosen: Locale): void {
  document.cookie = `taller-locale=${chosen}; path=/; max-age=${COOKIE_AGE}; samesite=lax`;
  history.replaceState(null, '', translatedPath(route.value, chosen, hash.value));
  follow();
}

/** The step of the lesson that the address names, as an index; 0 when it names none. */
export function stepIndex(steps: { id: string }[]): number {
  return Math.max(
    0,
    steps.findIndex((step) => `#${step.id}` === hash.value),
  );
}

export function showStep(id: string): void {
  navigate(`${location.pathname}#${id}`);
}
