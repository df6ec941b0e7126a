import type { Locale } from '../../common/locale.ts';
import { isLocale } from '../../common/locale.ts';

/** What an address shows. `locale` is null in an address without one. */
export type Route =
  | { page: 'home'; locale: Locale | null }
  | { page: 'lesson'; locale: Locale; lesson: string }
  | { page: 'not-found'; locale: Locale | null };

/** @param path of a URL, without query and hash */
export function parseRoute(path: string): Route {
  const [first, second, third, ...rest] = path.split('/').filter((part) => part !== '');
  if (first === undefined) return { page: 'home', locale: null };
  if (!isLocale(first)) return { page: 'not-found', locale: null };
  if (second === undefined) return { page: 'home', locale: first };
  if (second === 'lessons' && third !== undefined && rest.length === 0 && /^[a-z0-9-]+$/.test(third)) {
    return { page: 'lesson', locale: first, lesson: third };
  }
  return { page: 'not-found', locale: first };
}

export function homePath(locale: Locale): string {
  return `/${locale}`;
}

export function lessonPath(locale: Locale, lesson: string): string {
  return `/${locale}/lessons/${lesson}`;
}

/** The same page in another language; `hash` with its `#`, or empty. */
export function translatedPath(route: Route, locale: Locale, hash: string): string {
  return route.page === 'lesson' ? lessonPath(locale, route.lesson) + hash : homePath(locale);
}
