import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BusyError } from '../../../server/terminal/terminal.ts';
import { openTerminal } from './open-terminal.ts';
import { pollFor } from './poll-for.ts';

const HEREDOC = `cat <<'EOF'\n${Array.from({ length: 300 }, (_, line) => `\tline ${line} 'q" $x !`).join('\n')}\nEOF`;

describe('run', () => {
  it.each([
    ['a line', 'echo hi', 'hi\r\n', 0],
    ['several lines', 'echo one\n\n# comment\n  echo two\n(exit 3)', 'one\r\ntwo\r\n', 3],
    ['a failure in the middle', 'false\necho $?', '1\r\n', 0],
    ['a here-document', 'cat <<EOF\none\n\n  $((1 + 1))\nEOF', 'one\r\n\r\n  2\r\n', 0],
    ['tabs', "printf '%s' 'a\tb'", 'a\tb', 0],
    ['a continued line', 'echo one \\\n  two', 'one two\r\n', 0],
    ['a loop', 'for i in 1 2; do\n\n  echo $i\ndone', '1\r\n2\r\n', 0],
    ['a function and its use', 'f() {\n  echo f $1\n}\nf x', 'f x\r\n', 0],
    ['quotes over lines', `echo 'one\n\n two' "!"`, 'one\r\n\r\n two !\r\n', 0],
    ['unicode', 'echo ¿qué? 日本 🙂', '¿qué? 日本 🙂\r\n', 0],
    ['CR LF', 'echo one\r\necho two', 'one\r\ntwo\r\n', 0],
    ['nothing', '\n  \n', '', 0],
    ['a comment', '# nothing', '', 0],
    [
      'a program that reads',
      'cat >/dev/null </dev/null\nread -t 0\necho "next line not eaten"',
      'next line not eaten\r\n',
      0,
    ],
  ])('runs %s', async (_, command, output, status) => {
    const shell = await openTerminal();

    expect(await shell.terminal.run(command)).toEqual({ outcome: 'finished', output, status });

    expect(shell.terminal.state).toBe('prompt');
    expect(shell.finished().every((event) => event.fed)).toBe(true);
  });

  it('runs a here-document of 300 lines exactly', async () => {
    const shell = await openTerminal();

    const result = await shell.terminal.run(HEREDOC);

    const body = HEREDOC.split('\n').slice(1, -1).join('\r\n');
    expect(result).toEqual({ outcome: 'finished', output: `${body}\r\n`, status: 0 });
    expect(shell.finished()).toMatchObject([{ text: HEREDOC, fed: true }]);
  });

  it('reports each command that bash reads', async () => {
    const shell = await openTerminal();

    await shell.terminal.run('echo one\ncat <<EOF\ntwo\nEOF\n(exit 7)');

    expect(shell.finished()).toEqual([
      { text: 'echo one', output: 'one\r\n', status: 0, fed: true },
      { text: 'cat <<EOF\ntwo\nEOF', output: 'two\r\n', status: 0, fed: true },
      { text: '(exit 7)', output: '', status: 7, fed: true },
    ]);
  });

  it('leaves the command in the history', async () => {
    const shell = await openTerminal();
    await shell.terminal.run('echo clicked');

    expect(await shell.type('\x1b[A\r')).toMatchObject([{ text: 'echo clicked', fed: false }]);
  });

  it('tells what was printed so far', async () => {
    const shell = await openTerminal();
    const seen: string[] = [];

    const running = shell.terminal.run('echo one\necho two; sleep 1000', (progress) => seen.push(progress.output));
    await pollFor(() => seen.at(-1), 'one\r\ntwo\r\n');
    await shell.terminal.interrupt(5000);

    expect(await running).toEqual({ outcome: 'interrupted', output: 'one\r\ntwo\r\n^C\r\n' });
  });

  it.each([
    ['echo one\nfi', "bash: line 2: syntax error near unexpected token `fi'"],
    ['cat <<EOF\none', 'here-document at line 1 delimited by end-of-file'],
    ["echo 'one", "unexpected EOF while looking for matching `''"],
  ])('types nothing when bash cannot read %j', async (command, message) => {
    const shell = await openTerminal();
    const offset = shell.terminal.offset;

    const result = await shell.terminal.run(command);

    expect(result).toMatchObject({ outcome: 'syntax', message: expect.stringContaining(message) });
    expect(shell.terminal.offset).toBe(offset);
  });

  it('stops where only this shell cannot go on', async () => {
    const shell = await openTerminal();
    await shell.type(`alias opens='if' closes=')'\r`);

    const incomplete = await shell.terminal.run('opens true');
    const unreadable = await shell.terminal.run('closes\necho not reached');

    expect(incomplete).toEqual({ outcome: 'syntax', message: 'syntax error: unexpected end of file' });
    expect(unreadable).toEqual({ outcome: 'syntax', message: "bash: syntax error near unexpected token `)'" });
    expect(await shell.terminal.run('echo fine')).toMatchObject({ outcome: 'finished', output: 'fine\r\n' });
  });

  it('stops at Ctrl-C, and at Ctrl-Z', async () => {
    const shell = await openTerminal();

    // One process with the default handlers: a shell that waits for another may miss the signal.
    await writeFile(join(shell.home, 'ready.txt'), 'ready\n');
    const command = 'tail -f ready.txt\necho not reached';
    const isReady = () => shell.output().endsWith('ready\r\n');

    const interrupted = shell.terminal.run(command);
    await pollFor(isReady, true);
    shell.terminal.write('\x03');
    expect(await interrupted).toEqual({ outcome: 'interrupted', output: 'ready\r\n^C\r\n' });

    const stopped = shell.terminal.run(command);
    await pollFor(isReady, true);
    shell.terminal.write('\x1a');
    expect(await stopped).toMatchObject({ outcome: 'finished', status: 148 });
    expect(shell.output()).not.toContain('not reached\r\n');
  });

  it('stops while lines go in', async () => {
    const shell = await openTerminal();
    const running = shell.terminal.run(HEREDOC.replace('EOF\n', 'EOF >/dev/null\n'));
    await pollFor(() => shell.output().includes('line 1 '), true);

    expect(await shell.terminal.interrupt(5000)).toBe(true);

    expect(await running).toMatchObject({ outcome: 'interrupted' });
    expect(await shell.terminal.run('echo fine')).toMatchObject({ outcome: 'finished', output: 'fine\r\n' });
  });

  it('tells that the shell has ended', async () => {
    const shell = await openTerminal();

    expect(await shell.terminal.run('echo one\nexit 3\necho two')).toEqual({
      outcome: 'shell-ended',
      output: 'one\r\nexit\r\n',
    });
    expect(shell.terminal.exitCode).toBe(3);
    await expect(shell.terminal.run('echo three')).rejects.toThrow('The shell has ended');
  });

  it('does not wait for ever in a terminal that is closed', async () => {
    const shell = await openTerminal();
    const running = shell.terminal.run('sleep 1000');
    await pollFor(() => shell.events.length, 1);

    shell.terminal.dispose();

    expect(await running).toMatchObject({ outcome: 'shell-ended' });
  });

  it('goes on inside of a shell that a block starts', async () => {
    const shell = await openTerminal();

    expect(await shell.terminal.run('bash\necho $SHLVL')).toMatchObject({ outcome: 'finished', output: '2\r\n' });
    expect(await shell.terminal.run('exit 4')).toMatchObject({ outcome: 'finished', status: 4 });
    expect(await shell.terminal.run('echo $SHLVL')).toMatchObject({ output: '1\r\n' });
  });

  it('refuses while a command runs or is half entered', async () => {
    const shell = await openTerminal();
    shell.terminal.write('cat <<EOF\r');
    await pollFor(() => shell.terminal.state, 'running');
    await expect(shell.terminal.run('echo no')).rejects.toThrow(BusyError);
    await shell.terminal.interrupt(5000);

    const first = shell.terminal.run('echo first');
    await expect(shell.terminal.run('echo second')).rejects.toThrow(BusyError);

    expect(await first).toMatchObject({ output: 'first\r\n' });
  });

  it('refuses control characters', async () => {
    const shell = await openTerminal();

    await expect(shell.terminal.run('echo one\necho \x03')).rejects.toThrow(
      "Line 2 of the command holds the control character U+0003. Write it as $'\\x03' in the command.",
    );
  });

  it('works in vi mode', async () => {
    const shell = await openTerminal();
    await shell.type('set -o vi\r');
    shell.terminal.write('half\x1b');

    expect(await shell.terminal.run('cat <<EOF\none\nEOF\necho two')).toMatchObject({ output: 'one\r\ntwo\r\n' });
  });
});

describe('keys of the learner while a block is fed', () => {
  it('half typed before are put back', async () => {
    const shell = await openTerminal();
    shell.terminal.write("echo 'half");
    await pollFor(() => shell.output().endsWith('half'), true);

    expect(await shell.terminal.run('echo block')).toMatchObject({ output: 'block\r\n' });

    expect(await shell.type(" typed'\r")).toMatchObject([{ text: "echo 'half typed'", output: 'half typed\r\n' }]);
  });

  it('that are under way are put back as well, in a search too', async () => {
    const shell = await openTerminal();
    shell.terminal.write('echo sooner');
    expect(await shell.terminal.run('echo block')).toMatchObject({ output: 'block\r\n' });
    expect(await shell.type('\r')).toMatchObject([{ text: 'echo sooner' }]);

    shell.terminal.write('\x12soon');
    expect(await shell.terminal.run('echo block')).toMatchObject({ output: 'block\r\n' });
    expect(await shell.type('\r')).toMatchObject([{ text: 'echo sooner' }]);
  });

  it('that make a whole command run it first', async () => {
    const shell = await openTerminal();

    shell.terminal.write('echo mine\r');
    const result = await shell.terminal.run('echo block').catch((error: unknown) => error);

    // Whichever of the two was there first: never a mixture.
    if (result instanceof BusyError) expect(shell.terminal.state).not.toBe('ended');
    else expect(result).toMatchObject({ outcome: 'finished', output: 'block\r\n' });
    await pollFor(() => shell.finished().some((event) => event.text === 'echo mine' && !event.fed), true);
  });

  it('wait for its end, and are not mixed into it', async () => {
    const shell = await openTerminal();
    const running = shell.terminal.run(`${HEREDOC}\necho last`);
    const typed = 'echo "typed meanwhile"';
    for (const key of typed) {
      const before = shell.terminal.offset;
      shell.terminal.write(key);
      await pollFor(() => shell.terminal.offset > before, true);
    }

    const body = HEREDOC.split('\n').slice(1, -1).join('\r\n');
    expect(await running).toEqual({ outcome: 'finished', output: `${body}\r\nlast\r\n`, status: 0 });
    expect(await shell.type('\r')).toEqual([{ text: typed, output: 'typed meanwhile\r\n', status: 0, fed: false }]);
  });

  it('reach a program in the middle of it that reads', async () => {
    const shell = await openTerminal();
    const running = shell.terminal.run('read -p "name? " name\necho "hello $name"\necho last');
    await pollFor(() => shell.output().includes('name? '), true);

    shell.terminal.write('Ada\r');

    expect(await running).toEqual({ outcome: 'finished', output: 'name? Ada\r\nhello Ada\r\nlast\r\n', status: 0 });
  });

  it('run between its lines when they make a command', async () => {
    const shell = await openTerminal();
    await writeFile(join(shell.home, 'wait.sh'), 'until [ -e go ]; do sleep 0.01; done\n');
    const running = shell.terminal.run('bash wait.sh\necho one\necho two');
    await pollFor(() => shell.events.length, 1);

    shell.terminal.write('echo mine\r');
    await pollFor(() => shell.output().includes('echo mine'), true);
    await writeFile(join(shell.home, 'go'), '');

    expect(await running).toMatchObject({ outcome: 'finished' });
    expect(shell.finished().map(({ text, fed }) => [text, fed])).toEqual([
      ['bash wait.sh', true],
      ['echo mine', false],
      ['echo one', true],
      ['echo two', true],
    ]);
  });
});
