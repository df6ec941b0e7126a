/**
 * What cobra offers for a word that is none of `names`: those at most two edits away, or that begin with it
 * (command.go, SuggestionsFor). Empty, or the text behind the error, which begins with an empty line.
 */
export function renderSuggestions(word: string, names: readonly string[]): string {
  const typed = word.toLowerCase();
  const near = names.filter((name) => editDistance(name, typed) <= 2 || name.startsWith(typed));
  return near.length === 0 ? '' : `\n\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join('')}`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitute));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
