import { splitSentence } from '../../common/messages/index.ts';

/** A sentence of the messages, its code in the font of the terminal. */
export function Sentence({ text }: { text: string }) {
  return (
    <>{splitSentence(text).map((part) => (part.code ? <code class="inline-code">{part.text}</code> : part.text))}</>
  );
}
