import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    ['digits and a star', '1* 2 || true', 'bash: 1*: command not found\r\n', 0],
    ['a failure', '(exit 42)', '', 42],
    ['no final newline', `printf 'abc'`, 'abc', 0],
    ['colours', `printf '\\e[31mred\\e[0m\\n'`, '\x1b[31mred\x1b[0m\r\n', 0],
    ['a here-document', `cat <<'EOF'\none\n\n  two \\\nthree\nEOF`, 'one\r\n\r\n  two \\\r\nthree\r\n', 0],
    ['a loop', 'for i in 1 2; do\n  echo $i\ndone', '1\r\n2\r\n', 0],
    ['a function', 'greet() {\n  echo hi $1\n  return 3\n}', '', 0],
    ['an open quote', 'echo "one\ntwo"', 'one\r\ntwo\r\n', 0],
    ['an escape in a quote', `echo $'\\e]133;C\\a' | wc -c`, '9\r\n', 0],
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

    const commands = await shell.type('\x1b[200~echo one\n(exit 4)\ncat <<EOF\ntwo\nEOF\nfalse\x1b[201~\r', 4);

    expect(commands).toEqual([
      { text: 'echo one', output: 'one\r\n', status: 0, fed: false },
      { text: '(exit 4)', output: '', status: 4, fed: false },
      { text: 'cat <<EOF\ntwo\nEOF', output: 'two\r\n', status: 0, fed: false },
      { text: 'false', output: '', status: 1, fed: false },
    ]);
  });

  it('is reported from the history when it is repeated', async () => {
    const shell = await openTerminal();
    await shell.type('echo again\r');

    const [repeated] = await shell.type('\x1b[A\r');

    expect(repeated).toEqual({ text: 'echo again', output: 'again\r\n', status: 0, fed: false });
  });

  it('is reported with its last 64 KiB cut off', async () => {
    const shell = await openTerminal();
    const text = `: '${'x'.repeat(100_000)}'`;

    const [command] = await shell.type(`\x1b[200~${text}\x1b[201~\r`);

    // History's line number comes first and is not part of it.
    expect(text.startsWith(command!.text)).toBe(true);
    expect(command!.text.length).toBeGreaterThan(65_000);
  });

  it('ends with 130 after Ctrl-C', async () => {
    const shell = await openTerminal();
    await writeFile(join(shell.home, 'ready.txt'), 'ready\n');
    const text = 'tail -f ready.txt';
    shell.terminal.write(`${text}\r`);
    await pollFor(() => shell.output().endsWith('ready\r\n'), true);

    expect(await shell.terminal.interrupt(5000)).toBe(true);

    expect(shell.finished()).toEqual([{ text, output: 'ready\r\n^C\r\n', status: 130, fed: false }]);
  });

  it('does not exist for an empty line, a comment, a syntax error and Ctrl-C', async () => {
    const shell = await openTerminal();

    shell.terminal.write('\r# comment\r)\rhalf');
    await pollFor(() => shell.output().endsWith('half'), true);
    shell.terminal.write('\x03');
    await pollFor(() => /\^C[^^]*\$ $/.test(shell.output()), true);
    const commands = await shell.type('echo done\r');

    expect(commands).toEqual([{ text: 'echo done', output: 'done\r\n', status: 0, fed: false }]);
    expect(shell.output()).toContain('syntax error near unexpected token');
  });

  it('tells its output while it runs', async () => {
    const shell = await openTerminal();

    shell.terminal.write('echo early; sleep 1000\r');

    await pollFor(() => shell.events.findLast((event) => event.type === 'output'), {
      type: 'output',
      id: 1,
      text: 'echo early; sleep 1000',
      fed: false,
      output: 'early\r\n',
    });
  });

  it('is delivered after the output before it', async () => {
    const shell = await openTerminal();
    const seen: string[] = [];
    shell.terminal.onCommand((event) => {
      if (event.type !== 'output') seen.push(`${event.type} ${shell.output().endsWith('printed')}`);
    });

    await shell.type('printf printed\r');

    expect(seen).toEqual(['started false', 'finished true']);
  });
});

describe('the shell', () => {
  it('has the given environment and none of the server’s', async () => {
    process.env['TALLER_TEST_SECRET'] = 'secret';
    const shell = await openTerminal({ env: { GIVEN: 'yes', PATH: '/usr/bin:/bin' } });

    const [command] = await shell.type('/usr/bin/env\r');

    delete process.env['TALLER_TEST_SECRET'];
    const names = command!.output.split('\r\n').map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(
      ['', 'GIVEN', 'HOME', 'LANG', 'PATH', 'PWD', 'SHELL', 'SHLVL', 'TALLER_SHELL_INTEGRATION', 'TERM', '_'].sort(),
    );
    expect(command!.output).toContain(`HOME=${shell.home}\r\n`);
    expect(command!.output).toContain('TERM=xterm-256color\r\n');
  });

  it('does not give the nonce to programs, even with everything exported', async () => {
    const shell = await openTerminal();
    const [file] = await shell.type('cat "$TALLER_SHELL_INTEGRATION"\r');
    const nonce = /__taller_nonce='(\w{32})'/.exec(file!.output)![1]!;

    await shell.type('set -a; export PS0 PS1 PS2; PS1="x $PS1"\r');
    const [command] = await shell.type('/usr/bin/env\r');

    expect(command!.output).toContain('PS1=');
    expect(command!.output).not.toContain(nonce);
    expect(shell.output().replace(file!.output, '')).not.toContain(nonce);
  });

  it('shows nothing of the marks', async () => {
    const shell = await openTerminal();

    await shell.type('echo hi\r');

    expect(shell.output()).not.toContain('133;');
    expect(shell.terminal.offset).toBe(shell.bytes().length);
  });

  it('keeps forged marks as output', async () => {
    const shell = await openTerminal();
    const forged = `\x1b]133;D;${'0'.repeat(32)};0;1\x07`;

    const [command] = await shell.type(`printf '\\e]133;D;${'0'.repeat(32)};0;1\\a'; (exit 3)\r`);

    expect(command).toMatchObject({ output: forged, status: 3 });
    expect(shell.output()).toContain(forged);
  });

  it.each([
    'PROMPT_COMMAND=',
    'unset PROMPT_COMMAND',
    "PROMPT_COMMAND='echo prompting'",
    "PS1='$ '",
    "PS1=; PS0='here\\n'",
    'HISTCONTROL=ignoreboth HISTIGNORE="echo*"',
    'HISTTIMEFORMAT="%F "',
    'set -u',
    'set -x',
    'shopt -s extdebug',
    'trap "true DEBUG" DEBUG',
    'stty -onlcr; stty onlcr',
    'exec 2>&1',
    'set -o vi',
    'clear',
    'reset -Q 2>/dev/null',
    `alias history='echo no' printf='echo no' builtin='echo no'`,
    'history() { echo no; }; printf() { echo no; }',
  ])('is still followed after %s', async (change) => {
    const shell = await openTerminal();
    await shell.type(`${change}\r`);

    const [failed, repeated] = await shell.type('(exit 5)\r(exit 5)\r', 2);

    expect(failed).toMatchObject({ text: '(exit 5)', status: 5 });
    expect(repeated).toMatchObject({ text: '(exit 5)', status: 5 });
  });

  it('gives empty texts with the history switched off', async () => {
    const shell = await openTerminal();
    await shell.type('set +o history\r');

    const commands = await shell.type('(exit 5)\recho b\r', 2);

    expect(commands).toEqual([
      { text: '', output: '', status: 5, fed: false },
      { text: '', output: 'b\r\n', status: 0, fed: false },
    ]);
  });

  it('does not show its own functions under set -x', async () => {
    const shell = await openTerminal();

    await shell.type('set -x\r');
    const [command] = await shell.type('echo hi\r');

    expect(command!.output).toBe('+ echo hi\r\nhi\r\n');
    expect(shell.output()).not.toContain('__taller');
  });

  it.each(['bash', 'exec bash', 'bash -i'])('is followed into %s', async (command) => {
    const shell = await openTerminal();

    expect(await shell.type(`${command}\r`)).toMatchObject([{ text: command, status: 0 }]);
    const [inside] = await shell.type('(exit 6)\r');

    expect(inside).toMatchObject({ text: '(exit 6)', status: 6 });
  });

  it('is followed out of the shells inside it', async () => {
    const shell = await openTerminal();

    await shell.type('bash\rbash\r', 2);
    expect(await shell.type('exit 3\r')).toMatchObject([{ text: 'exit 3', status: 3 }]);
    expect(await shell.type('\x04echo $?\r')).toMatchObject([{ text: 'echo $?', output: '3\r\n' }]);
    expect(await shell.type('(exit 4)\r')).toMatchObject([{ text: '(exit 4)', status: 4 }]);
  });

  it('works without ~/.bashrc, and reads the one that a lesson brings', async () => {
    const shell = await openTerminal();
    expect((await stat(join(shell.home, '.bashrc'))).isFile()).toBe(true);
    await rm(join(shell.home, '.bashrc'));
    expect(await shell.type('bash\rexit 3\r')).toMatchObject([{ text: 'bash', status: 3 }]);

    const home = join(shell.home, 'other');
    await mkdir(home);
    await writeFile(join(home, '.bashrc'), 'HISTCONTROL=ignoreboth\nhello() { echo hello from the lesson; }\nfalse\n');
    const other = await openTerminal({ home });
    expect(await other.type('hello\rhello\r', 2)).toMatchObject([
      { text: 'hello', output: 'hello from the lesson\r\n' },
      { text: 'hello', output: 'hello from the lesson\r\n' },
    ]);
    expect(await readFile(join(home, '.bashrc'), 'utf8')).toContain('hello from the lesson');
  });

  it('reads ~/.bashrc once', async () => {
    const shell = await openTerminal();
    await writeFile(join(shell.home, '.bashrc'), `${await readFile(join(shell.home, '.bashrc'), 'utf8')}echo read\n`);

    const [nested] = await shell.type('bash\r');

    expect(nested!.output).toBe('read\r\n');
  });

  it('survives the alternate screen', async () => {
    const shell = await openTerminal();
    // What less and vi do, without asking the machine for either.
    const pager = "printf '\\e[?1049hpage'; read -rsn 1; printf '\\e[?1049l'";

    shell.terminal.write(`${pager}\r`);
    await pollFor(() => shell.output().includes('\x1b[?1049hpage'), true);
    const [command] = await shell.type('q');

    expect(command).toMatchObject({ text: pager, status: 0 });
  });

  it('gives 5 MB byte by byte as they were printed', async () => {
    const shell = await openTerminal();
    const content = Buffer.from(
      Array.from(
        { length: 90_000 },
        (_, line) => `${line} \x1b[3${line % 8}m¿qué? 日本 ${'·'.repeat(line % 30)}\x1b[0m\n`,
      ).join(''),
    );
    expect(content.length).toBeGreaterThan(5_000_000);
    await writeFile(join(shell.home, 'big'), content);
    const before = shell.bytes().length;

    await shell.type('cat big\r');

    const output = shell.bytes().subarray(before);
    const from = output.indexOf('0 \x1b[30m');
    const printed = output
      .subarray(from, from + content.length + 90_000)
      .toString('latin1')
      .replaceAll('\r\n', '\n');
    const sha1 = (data: string | Buffer) => createHash('sha1').update(data).digest('hex');
    expect(sha1(Buffer.from(printed, 'latin1'))).toBe(sha1(content));
    expect(shell.terminal.offset).toBe(shell.bytes().length);
  });

  it('keeps what is typed ahead for the next prompt', async () => {
    const shell = await openTerminal();

    shell.terminal.write('sleep 0.2\r');
    const commands = await shell.type('echo ahead\r', 2);

    expect(commands[1]).toMatchObject({ text: 'echo ahead', output: 'ahead\r\n', status: 0 });
  });

  it('knows its size', async () => {
    const shell = await openTerminal({ columns: 90, rows: 30 });
    expect(await shell.type('stty size\r')).toMatchObject([{ output: '30 90\r\n' }]);

    shell.terminal.resize(100, 20);

    expect(await shell.type('stty size\r')).toMatchObject([{ output: '20 100\r\n' }]);
  });
});

describe('interrupt', () => {
  it('ends what runs', async () => {
    const shell = await openTerminal();
    shell.terminal.write('cat\r');
    await pollFor(() => shell.terminal.state, 'running');

    expect(await shell.terminal.interrupt(5000)).toBe(true);
    expect(shell.terminal.state).toBe('prompt');
  });

  it('ends what has only just been started, a hundred times', async () => {
    const shell = await openTerminal();

    for (let round = 0; round < 100; round++) {
      const count = shell.events.length;
      shell.terminal.write('cat\r');
      await pollFor(() => shell.events.length > count, true);
      expect(await shell.terminal.interrupt(5000)).toBe(true);
    }
    expect(shell.finished().filter(({ text, status }) => text !== 'cat' || status !== 130)).toEqual([]);
  });

  it('forgets what was half typed into the program', async () => {
    const shell = await openTerminal();
    await writeFile(join(shell.home, 'ready.txt'), 'ready\n');
    shell.terminal.write('tail -f ready.txt\r');
    await pollFor(() => shell.output().endsWith('ready\r\n'), true);
    shell.terminal.write('half');
    await pollFor(() => shell.output().endsWith('half'), true);

    await shell.terminal.interrupt(5000);

    expect(await shell.type('echo whole\r')).toMatchObject([{ text: 'echo whole' }]);
  });

  it('leaves a command that is half entered', async () => {
    const shell = await openTerminal();
    shell.terminal.write('cat <<EOF\r');
    await pollFor(() => shell.terminal.state, 'running');

    expect(await shell.terminal.interrupt(5000)).toBe(true);
    expect(shell.finished()).toEqual([]);
  });

  it('says so when a program does not listen', async () => {
    const shell = await openTerminal();
    shell.terminal.write(`trap '' INT; echo set; cat; trap - INT\r`);
    await pollFor(() => shell.output().includes('set\r\n'), true);

    expect(await shell.terminal.interrupt(100)).toBe(false);

    await shell.type('\x04');
    expect(shell.terminal.state).toBe('prompt');
  });

  it('sends nothing to a shell at its prompt', async () => {
    const shell = await openTerminal();
    const offset = shell.terminal.offset;

    expect(await shell.terminal.interrupt(100)).toBe(true);

    expect(shell.terminal.offset).toBe(offset);
  });
});

describe('the end of a shell', () => {
  it.each([
    ['exit 7', 7],
    ['exec sh -c "exit 8"', 8],
    ['kill -9 $$', 137],
    ['set -e; (exit 9)', 9],
  ])('is told with its status after %s', async (command, status) => {
    const shell = await openTerminal();

    shell.terminal.write(`${command}\r`);
    await pollFor(() => shell.terminal.state, 'ended');

    expect(shell.terminal.exitCode).toBe(status);
    expect(shell.finished()).toMatchObject([{ text: command, status }]);
    expect(await shell.terminal.interrupt(100)).toBe(false);
  });

  it('comes after the last output, also when nobody was reading', async () => {
    const shell = await openTerminal();
    shell.terminal.pause();

    // As much as a pty holds without a reader.
    shell.terminal.write(`seq 1 500; printf 'the %s' end; exit\r`);
    await pollFor(() => shell.terminal.state, 'ended');

    expect(shell.output()).toContain('499\r\n500\r\nthe end');
  });

  it('loses no output', async () => {
    // One after the other: node-pty closes its end 200 ms after the program, and so many at once can take longer here.
    for (let count = 0; count < 20; count++) {
      const { terminal, output } = await openTerminal();
      terminal.write(`exec sh -c "seq 1 30000; printf 'the %s' end"\r`);
      await pollFor(() => terminal.state, 'ended');
      expect(output().endsWith('\r\n29999\r\n30000\r\nthe end')).toBe(true);
    }
  });
});

describe('pause', () => {
  it('stops a flood until it is resumed', async () => {
    const shell = await openTerminal();
    shell.terminal.pause();

    shell.terminal.write('seq 1 100000; echo finished\r');
    await pollFor(() => shell.terminal.state === 'running' || shell.terminal.offset > 0, true);
    expect(shell.output()).not.toContain('99999');
    shell.terminal.resume();

    await pollFor(() => shell.output().includes('100000\r\nfinished'), true);
  });
});
