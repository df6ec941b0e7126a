import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let pod: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  pod = cluster.pod({ name: 'box', image: 'busybox', command: ['sleep', 'infinity'] });
});
afterAll(() => cluster.dispose());

const LEFT = '\x1b[D';
const UP = '\x1b[A';

describe('a shell on a terminal', () => {
  test('shows a prompt, echoes, runs and leaves with exit', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('/ # ');

    terminal.type('echo hello\r');
    await terminal.until('hello\r\nhello\r\n/ # ');
    terminal.type('exit 7\r');

    expect(await terminal.exited).toBe(7);
    expect(terminal.output()).toBe('/ # echo hello\r\nhello\r\n/ # exit 7\r\n');
  });

  test('edits the line: backspace, arrows, start and end', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');

    terminal.type(`ecxo\x7f\x7fho abd${LEFT}c\x05!\r`);

    await terminal.until('\r\nabcd!\r\n');
    terminal.type('\x04');
    expect(await terminal.exited).toBe(0);
  });

  test('goes on after what would end a script', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');

    terminal.type(
      'echo ${x:?gone}\recho $((1/0))\rexport 1a=b\reval "echo )"\rexec nosuch\rcat <${y:?no}\recho "still $?"\r',
    );

    await terminal.until('\r\nstill 2\r\n');
    expect(terminal.output()).toContain('\r\nsh: x: gone\r\n/ # ');
    expect(terminal.output()).toContain('\r\nsh: divide by zero\r\n/ # ');
    terminal.type('exit 5\r');
    expect(await terminal.exited).toBe(5);
  });

  test('says that Ctrl-Z stops nothing', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');
    terminal.type('sleep 100\r');
    await terminal.until('sleep 100\r\n');

    terminal.type('\x1a');

    await terminal.until('^Z (stopping a command is not simulated here; Ctrl-C ends it)\r\n');
    terminal.type('\x03');
    await terminal.until('^C\r\n/ # ');
    terminal.type('exit\r');
    expect(await terminal.exited).toBe(130);
  });

  test('repeats an earlier line with the up arrow', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');
    terminal.type('echo one\r');
    await terminal.until('\r\none\r\n/ # ');

    terminal.type(`${UP}\r`);

    await terminal.until(/\r\none\r\n\/ # echo one.*\r\none\r\n/s);
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('Ctrl-C ends the command in front and not the shell', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');
    terminal.type('sleep 1000; echo not this\r');
    await terminal.until('not this\r\n');

    terminal.type('\x03');
    await terminal.until('^C');
    await terminal.until(/\^C\r\n.*# $/s);
    terminal.type('echo status $?\r');

    await terminal.until('status 130\r\n');
    expect(terminal.output().match(/not this\r\n/g)).toHaveLength(1);
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('Ctrl-C ends an endless loop of the shell itself', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');
    terminal.type('while :; do :; done\r');
    await terminal.until('done\r\n');

    terminal.type('\x03');

    await terminal.until(/\^C.*# $/s);
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('Ctrl-C throws a line away', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');

    terminal.type('echo never\x03echo $?\r');

    await terminal.until('130\r\n');
    expect(terminal.output()).not.toContain('\r\nnever');
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('asks for more while a command is not complete', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');

    terminal.type('for i in 1 2; do\recho n$i\rdone\r');

    await terminal.until('n1\r\nn2\r\n');
    expect(terminal.output()).toContain('\r\n> ');
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('says what it does not find, and goes on', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');

    terminal.type('foo\rcd /nowhere\r(\r)\r');

    await terminal.until('sh: foo: not found\r\n');
    await terminal.until("sh: cd: can't cd to /nowhere: No such file or directory\r\n");
    await terminal.until('sh: syntax error: unexpected ")"\r\n');
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('completes commands and paths with Tab', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');

    terminal.type('cat /etc/hostn\t\r');

    await terminal.until('\r\nbox\r\n');
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('gives a program what is typed at it, line by line', async () => {
    const terminal = pod.terminal(['sh']);
    await terminal.until('# ');

    terminal.type('cat\r');
    await terminal.until('cat\r\n');
    terminal.type('abX\x7fc\r');
    await terminal.until('abX\b \bc\r\nabc\r\n');
    terminal.type('\x04');

    await terminal.until(/abc\r\n\/ # $/);
    terminal.type('exit\r');
    await terminal.exited;
  });

  test('keeps what is typed ahead', async () => {
    const terminal = pod.terminal(['sh']);

    terminal.type('echo a\recho b\rexit\r');

    expect(await terminal.exited).toBe(0);
    expect(terminal.output()).toMatch(/\r\na\r\n.*\r\nb\r\n/s);
  });
});

describe('a command on a terminal', () => {
  test('ends with 130 after Ctrl-C', async () => {
    const terminal = pod.terminal(['sleep', '1000']);

    terminal.type('\x03');

    expect(await terminal.exited).toBe(130);
    expect(terminal.output()).toBe('^C');
  });

  test('sees the size of the terminal, also after it changed', async () => {
    const terminal = pod.terminal(['sh', '-c', 'stty size; read x; stty size'], { columns: 100, rows: 30 });
    await terminal.until('30 100\r\n');
    terminal.resize({ columns: 50, rows: 20 });

    terminal.type('\r');

    await terminal.until('20 50\r\n');
  });

  test('has its errors among its output', async () => {
    const terminal = pod.terminal(['sh', '-c', 'echo out; echo err >&2']);

    expect(await terminal.exited).toBe(0);
    expect(terminal.output()).toBe('out\r\nerr\r\n');
  });

  test('curl shows no meter there', async () => {
    const client = cluster.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'] });
    const server = cluster.pod({ image: 'hashicorp/http-echo', args: ['-text=hi'] });
    const terminal = client.terminal(['curl', `http://${server.ip}:5678/`]);

    expect(await terminal.exited).toBe(0);
    expect(terminal.output()).toBe('hi\r\n');
  });
});

describe('other shells', () => {
  test('bash has its own prompt and messages', async () => {
    const web = cluster.pod({ name: 'web', image: 'nginx' });
    const terminal = web.terminal(['bash']);
    await terminal.until('root@web:/# ');

    terminal.type('foo\r');
    await terminal.until(/found\r\n.*# $/s);
    terminal.type('exit\r');

    expect(await terminal.exited).toBe(127);
    expect(terminal.output()).toBe('root@web:/# foo\r\nbash: foo: command not found\r\nroot@web:/# exit\r\nexit\r\n');
  });

  test.each([
    ['dash', 'foo', 'sh: 1: foo: not found\n', 127],
    ['dash', 'cat <nothing', 'sh: 1: cannot open nothing: No such file\n', 2],
    ['dash', 'if', 'sh: 1: Syntax error: end of file unexpected (expecting "then")\n', 2],
    ['dash', 'fi', 'sh: 1: Syntax error: "fi" unexpected\n', 2],
    ['dash', 'cd /nowhere', "sh: 1: cd: can't cd to /nowhere\n", 2],
    ['dash', ': ${x?}', 'sh: 1: x: parameter not set\n', 2],
    ['dash', ': ${x?my words}', 'sh: 1: x: my words\n', 2],
    ['bash', 'foo', 'bash: line 1: foo: command not found\n', 127],
  ])('%s says of "%s": %j', async (shell, script, stderr, status) => {
    const web = cluster.pod({ image: 'nginx' });

    const result = await web.exec([shell === 'dash' ? 'sh' : 'bash', '-c', script]);

    expect(result).toEqual({ stdout: '', stderr, status });
  });
});
