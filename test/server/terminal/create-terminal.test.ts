import { describe, expect, it } from 'vitest';
import { openTerminal } from './open-terminal.ts';
import { pollFor } from './poll-for.ts';

describe('a command typed by hand', () => {
  const heredoc = Array.from({ length: 300 }, (_, line) => `  line ${line}: "quoted" $HOME 'x' \`tick\``);
  it.each([
    ['a line', 'echo hello', 'hello\r\n', 0],
    ['quotes and an exclamation mark', `echo "Don't!" 'a "b"' !`, `Don't! a "b" !\r\n`, 0],
    ['unicode', 'echo ¿qué tal? 日本 🙂', '¿qué tal? 日本 🙂\r\n', 0],
    ['a leading blank', ' echo spaced', 'spaced\r\n', 0],
    ['a failure', '(exit 42)', '', 42],
    ['no final newline', `printf 'abc'`, 'abc', 0],
    ['a here-document', `cat <<'EOF'\none\n\n  two \\\nthree\nEOF`, 'one\r\n\r\n  two \\\r\nthree\r\n', 0],
    ['a loop', 'for i in 1 2; do\n  echo $i\ndone', '1\r\n2\r\n', 0],
    ['a function', 'greet() {\n  echo hi $1\n  return 3\n}', '', 0],
    ['an open quote', 'echo "one\ntwo"', 'one\r\ntwo\r\n', 0],
    ['a long here-document', `cat <<'EOF' | wc -l\n${heredoc.join('\n')}\nEOF`, '300\r\n', 0],
  ])('is reported as it was read: %s', async (_, text, output, status) => {
    const shell = await openTerminal();

    const [command] = await shell.type(`${text.replaceAll('\n', '\r')}\r`);

    expect(command).toEqual({ text, output, status, fed: false });
  });

  it('is reported without the ends of continued lines', async () => {
    const shell = await openTerminal();

    const [command] = await shell.type('echo one \\\r  two \\\r  three\r');

    expect(command).toEqual({ text: 'echo one   two   three', output: 'one two three\r\n', status: 0, fed: false });
  });

  it('is reported for each of several in one paste', async () => {
    const shell = await openTerminal();

    const commands = await shell.type('\x1b[200~echo one\n(exit 4)\ncat <<EOF\ntwo\nEOF\x1b[201~\r', 3);

    expect(commands).toEqual([
      { text: 'echo one', output: 'one\r\n', status: 0, fed: false },
      { text: '(exit 4)', output: '', status: 4, fed: false },
      { text: 'cat <<EOF\ntwo\nEOF', output: 'two\r\n', status: 0, fed: false },
    ]);
  });

  it('ends with 130 after Ctrl-C', async () => {
    const shell = await openTerminal();
    shell.terminal.write('sleep 1000\r');
    await pollFor(() => shell.terminal.state, 'running');

    expect(await shell.terminal.interrupt(5000)).toBe(true);

    expect(shell.finished()).toEqual([{ text: 'sleep 1000', output: '^C\r\n', status: 130, fed: false }]);
  });
});

describe('run', () => {
  it('types the lines, and gives the output and the status of the last', async () => {
    const shell = await openTerminal();

    const result = await shell.terminal.run('echo one\ncat <<EOF\ntwo\nEOF\n(exit 7)');

    expect(result).toEqual({ outcome: 'finished', output: 'one\r\ntwo\r\n', status: 7 });
  });
});
