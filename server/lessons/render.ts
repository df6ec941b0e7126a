import { Marked, parser, Renderer, type Token, type Tokens } from 'marked';
import { CLUSTER_ADDRESS } from '../../common/ingress-url.ts';
import { isSafeLink } from './safe-link.ts';

/**
 * HTML of tokens of one lesson. A fence in `places` becomes `<div data-block="ID"></div>`, or nothing when it belongs
 * to the block before. Raw HTML of the author passes through: the page sanitises it.
 */
export function renderTokens(tokens: Token[], lessonId: string, places: ReadonlyMap<Token, string | null>): string {
  return parser(tokens, { renderer: new LessonRenderer(lessonId, places) }).trim();
}

/** HTML of a hint: Markdown without blocks. */
export function renderHint(markdown: string, lessonId: string): string {
  return renderTokens(new Marked().lexer(markdown), lessonId, new Map());
}

class LessonRenderer extends Renderer {
  readonly #lessonId: string;
  readonly #places: ReadonlyMap<Token, string | null>;

  constructor(lessonId: string, places: ReadonlyMap<Token, string | null>) {
    super();
    this.#lessonId = lessonId;
    this.#places = places;
  }

  override code(token: Tokens.Code): string {
    const place = this.#places.get(token);
    if (place === undefined) return super.code(token);
    return place === null ? '' : `<div data-block="${escapeHtml(place)}"></div>\n`;
  }

  override link({ href, title, tokens }: Tokens.Link): string {
    const text = this.parser.parseInline(tokens);
    // Where the learner's cluster is, the page alone knows.
    if (CLUSTER_ADDRESS.test(href)) return `<a data-cluster-address="${escapeHtml(href)}">${text}</a>`;
    if (!isSafeLink(href)) return text;
    const titleAttribute = title ? ` title="${escapeHtml(title)}"` : '';
    // A lesson must not lose its page, nor hand the page that it opens a way back into it.
    return `<a href="${escapeHtml(href)}"${titleAttribute} target="_blank" rel="noopener noreferrer">${text}</a>`;
  }

  override image({ href, title, text }: Tokens.Image): string {
    const titleAttribute = title ? ` title="${escapeHtml(title)}"` : '';
    const source = escapeHtml(imageAddress(href, this.#lessonId));
    return `<img src="${source}" alt="${escapeHtml(text)}"${titleAttribute}>`;
  }
}

/** `images/x.png` is served below the lesson's own address. */
function imageAddress(href: string, lessonId: string): string {
  return `/lessons/${encodeURIComponent(lessonId)}/${href}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
