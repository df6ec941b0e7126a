/** A piece of a sentence: words, or code that is shown in the font of the terminal. */
export interface SentencePart {
  text: string;
  code: boolean;
}

/** Marks a value as code inside a sentence, as Markdown does: more backticks around than the value has in a row. */
export function code(value: string | number): string {
  const text = String(value);
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  // Without a blank, a backtick at the edge of the value would count as part of the fence.
  const pad = text === '' || text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return fence + pad + text + pad + fence;
}

/** The reverse of {@link code}: the words and the code of a sentence, in order, nothing empty. */
export function splitSentence(sentence: string): SentencePart[] {
  const parts: SentencePart[] = [];
  let rest = sentence;
  while (rest !== '') {
    const match = /(?<!`)(`+)(?!`)([^]*?[^`])\1(?!`)/.exec(rest);
    const words = match ? rest.slice(0, match.index) : rest;
    if (words !== '') parts.push({ text: words, code: false });
    if (!match) break;
    parts.push({ text: unpad(match[2] ?? ''), code: true });
    rest = rest.slice(match.index + match[0].length);
  }
  return parts;
}

function unpad(text: string): string {
  const inner = text.startsWith(' ') && text.endsWith(' ') && text.length > 1 ? text.slice(1, -1) : text;
  return inner.includes('`') || inner.trim() === '' ? inner : text;
}
