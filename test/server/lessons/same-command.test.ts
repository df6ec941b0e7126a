import { expect, test } from 'vitest';
import { isSameCommand } from '../../../server/lessons/same-command.ts';
import { startCpuTime } from '../../cpu-time.ts';

const APPLY = 'kubectl apply -f - <<EOF\nkind: Pod\n  name: a\nEOF';

test.each([
  ['itself', 'kubectl get pods', 'kubectl get pods'],
  ['blanks at the ends', '  kubectl get pods \t', 'kubectl get pods'],
  ['runs of blanks', 'kubectl  get \t pods', 'kubectl get pods'],
  ['lines joined by a backslash', 'kubectl get pods -n a', 'kubectl get \\\n  pods \\\n  -n a'],
  ['a word cut by a backslash', 'kubectl', 'kube\\\nctl'],
  ['text in double quotes cut by a backslash', 'echo "ab"', 'echo "a\\\nb"'],
  ['empty lines between commands', 'a\n\n b', 'a\nb'],
  ['Windows line ends', 'a\r\nb', 'a\nb'],
  ['a here-document with blanks behind its lines', 'kubectl apply  -f - <<EOF\nkind: Pod  \n  name: a\nEOF \n', APPLY],
  ['a final newline', `${APPLY}\n`, APPLY],
])('%s makes no difference', (_, typed, command) => {
  expect(isSameCommand(typed, command)).toBe(true);
});

test.each([
  ['another word', 'kubectl get pod', 'kubectl get pods'],
  ['a blank inside double quotes', 'echo "a  b"', 'echo "a b"'],
  ['a blank inside single quotes', "echo 'a  b'", "echo 'a b'"],
  ['an escaped blank', 'echo a\\  b', 'echo a\\ b c'],
  ['a backslash in single quotes', "echo 'a\\\nb'", "echo 'ab'"],
  ['the indentation of a here-document', APPLY.replace('  name', ' name'), APPLY],
  ['blanks within a line of a here-document', APPLY.replace('kind: ', 'kind:  '), APPLY],
  ['an empty line in a here-document', APPLY.replace('Pod\n', 'Pod\n\n'), APPLY],
  [
    'a backslash at the end of a line of a here-document',
    APPLY.replace('Pod\n', 'Pod\\\n'),
    APPLY.replace('Pod\n', 'Pod'),
  ],
  ['another delimiter', APPLY.replaceAll('EOF', 'END'), APPLY],
  ['a quoted delimiter', APPLY.replace('<<EOF', "<<'EOF'"), APPLY],
  ['a value in a here-document', APPLY.replace('name: a', 'name: b'), APPLY],
  ['a further command', 'a\nb', 'a'],
  ['two commands on one line', 'a b', 'a\nb'],
])('%s makes a difference', (_, typed, command) => {
  expect(isSameCommand(typed, command)).toBe(false);
});

test('what follows a here-document is a command again', () => {
  expect(isSameCommand(`${APPLY}\nls   -l`, `${APPLY}\nls -l`)).toBe(true);
  expect(isSameCommand('cat <<A <<B\n1\nA\n 2\nB\nls  -l', 'cat <<A  <<B\n1\nA\n 2\nB\nls -l')).toBe(true);
  expect(isSameCommand('cat <<A <<B\n1\nA\n 2\nB', 'cat <<A <<B\n1\nA\n2\nB')).toBe(false);
  expect(isSameCommand('cat <<-A\n1\n\tA\nls  -l', 'cat <<-A\n1\n\tA\nls -l')).toBe(true);
  expect(isSameCommand('cat <<<a  ;  ls', 'cat <<<a ; ls')).toBe(true);
});

test('unfinished quotes and here-documents are compared, not refused', () => {
  expect(isSameCommand("echo 'a", "echo 'a")).toBe(true);
  expect(isSameCommand('cat <<EOF\na', 'cat <<EOF\nb')).toBe(false);
  expect(isSameCommand('\\', '\\')).toBe(true);
});

test('a hundred thousand quotes, backslashes or redirections cannot stall it', () => {
  const time = startCpuTime();

  for (const piece of ['"', '\\', "'", '<<', '<< a', '\n', ' ']) isSameCommand(piece.repeat(100_000), 'ls');

  expect(time()).toBeLessThan(3_000);
});
