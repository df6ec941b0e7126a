import type { Locale } from '../../common/locale.ts';

/** What a page says of itself before any script has run: to search engines, chats that show a link, and bookmarks. */
export interface PageHead {
  locale: Locale;
  title: string;
  /** Plain text; empty for a page that nobody should be led to. */
  description: string;
}

/** The built page with its language, its title and its description. The page itself changes the title step by step. */
export function withHead(html: string, { locale, title, description }: PageHead): string {
  const facts = [
    ['name', 'description', description],
    ['property', 'og:site_name', 'Taller'],
    ['property', 'og:type', 'website'],
    ['property', 'og:locale', locale],
    ['property', 'og:title', title],
    ['property', 'og:description', description],
  ] as const;
  const metas = facts
    .filter(([, , content]) => content !== '')
    .map(([attribute, name, content]) => `<meta ${attribute}="${name}" content="${escape(content)}" />`);
  // Functions, because a text may hold what stands for something in a replacement.
  return html
    .replace('<html lang="en">', () => `<html lang="${locale}">`)
    .replace('<title>Taller</title>', () => [`<title>${escape(title)}</title>`, ...metas].join('\n    '));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
