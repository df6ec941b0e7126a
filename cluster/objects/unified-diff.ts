// Lines around a change, as diff -u shows them.
const CONTEXT = 3;

interface Edit {
  kind: ' ' | '-' | '+';
  line: string;
}

/**
 * The hunks of a unified diff between two lists of lines, without file names; empty when they are equal.
 * Takes time and memory of the product of their lengths.
 */
export function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const edits = editsOf(before, after);
  const near = edits.map((_, index) =>
    edits.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((edit) => edit.kind !== ' '),
  );
  let text = '';
  let position = { before: 1, after: 1 };
  let hunk: Edit[] = [];
  let start = position;
  const finish = () => {
    if (hunk.length > 0) text += renderHunk(hunk, start);
    hunk = [];
  };
  for (const [index, edit] of edits.entries()) {
    if (near[index]) {
      if (hunk.length === 0) start = position;
      hunk.push(edit);
    } else finish();
    position = {
      before: position.before + (edit.kind === '+' ? 0 : 1),
      after: position.after + (edit.kind === '-' ? 0 : 1),
    };
  }
  finish();
  return text;
}

function renderHunk(edits: readonly Edit[], start: { before: number; after: number }): string {
  const count = (without: string) => edits.filter((edit) => edit.kind !== without).length;
  const head = `@@ -${start.before},${count('+')} +${start.after},${count('-')} @@\n`;
  return head + edits.map(({ kind, line }) => `${kind}${line}\n`).join('');
}

/** Deletions before insertions, around a longest common subsequence. */
function editsOf(before: readonly string[], after: readonly string[]): Edit[] {
  const width = after.length + 1;
  // Length of the longest common subsequence of the tails from i and j.
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old = '', fresh = ''] = [before[i], after[j]];
    if (i < before.length && j < after.length && old === fresh) {
      edits.push({ kind: ' ', line: old });
      i += 1;
      j += 1;
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ kind: '-', line: old });
      i += 1;
    } else {
      edits.push({ kind: '+', line: fresh });
      j += 1;
    }
  }
  return edits;
}
