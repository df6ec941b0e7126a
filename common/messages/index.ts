import type { Locale } from '../locale.ts';
import type { Messages } from './messages.ts';
import { en } from './en.ts';
import { es } from './es.ts';

export type { Messages } from './messages.ts';
export { code, splitSentence, type SentencePart } from './sentence.ts';

/** What the page says, by language. */
export const MESSAGES: Record<Locale, Messages> = { en, es };
