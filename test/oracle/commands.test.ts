import { expect, test } from 'vitest';
import { loadCommands, loadRecording, parseCommands } from './commands.ts';

test('groups, pauses, comments and here-documents are told apart', () => {
  const text =
    "# comment\n## one\nkubectl get a\n#~ 2\nkubectl apply -f - <<'EOF'\na: 1\n## not a group\nEOF\n## two\nkubectl b\n";

  expect(parseCommands(text)).toEqual([
    { type: 'command', n: 1, group: 'one', command: 'kubectl get a' },
    { type: 'pause', seconds: 2 },
    { type: 'command', n: 2, group: 'one', command: "kubectl apply -f - <<'EOF'\na: 1\n## not a group\nEOF" },
    { type: 'command', n: 3, group: 'two', command: 'kubectl b' },
  ]);
});

test('a here-document without an end is refused', () => {
  expect(() => parseCommands("cat <<'EOF'\na\n")).toThrow('has no line EOF');
});

test.each(['1.32', '1.36'] as const)('the recording of kubectl %s is of these command lines', (minor) => {
  const commands = loadCommands().filter((line) => line.type === 'command');
  const recording = loadRecording(minor);

  expect(commands).toHaveLength(578);
  expect(recording.size).toBe(463);
  for (const { n, command } of commands) expect(recording.get(n)?.command ?? command).toBe(command);
});
