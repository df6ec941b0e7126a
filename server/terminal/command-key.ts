/**
 * What tells one command from another: two texts with the same key are the same command to bash's history, which
 * is where {@link CommandEvent.text} comes from.
 *
 * bash 5.2, bashhist.c, bash_add_history: a backslash at the end of a line and the newline behind it are left out,
 * and so are blank lines outside of quotes and here-documents. The key leaves them out everywhere, and blanks at
 * the end of a line as well, which nobody sees.
 */
export function commandKey(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/\\\n/g, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();
}
