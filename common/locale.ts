/** The languages that Taller speaks. Lessons and interface exist in each of them. */
export const LOCALES = ['en', 'es'] as const;

export type Locale = (typeof LOCALES)[number];

/** Languages by the name that their own speakers use. */
export const LOCALE_NAMES: Record<Locale, string> = { en: 'English', es: 'Español' };

export function isLocale(value: unknown): value is Locale {
  return LOCALES.some((locale) => locale === value);
}
