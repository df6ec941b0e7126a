import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../test-cluster.ts';

const dash = spawnSync('dash', ['-c', 'true']).status === 0;

let cluster: TestCluster;
let pod: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  pod = cluster.pod({ image: 'busybox', command: ['sleep', 'infinity'] });
});
afterAll(() => cluster.dispose());

/** Scripts that every POSIX shell runs alike. */
const SCRIPTS = [
  'echo hello   world',
  'echo "a  b" \'c  $d\' e\\ f',
  'x=1; y="$x 2"; echo $y "$y" ${x}3',
  'echo ${unset-default} ${unset:-d2} "${unset:+no}" end',
  'x=; echo ${x:-empty} ${x-set} ${x:=new} $x',
  'x=/usr/local/bin; echo ${x##*/} ${x%/*} ${x#*/} ${x%%/*}',
  'x=hello; echo ${#x}',
  'echo $((1 + 2 * 3)) $(( (1 + 2) * 3 )) $((7 / 2)) $((7 % 3)) $((-3)) $((1 << 4)) $((5 > 3 && 2 < 1))',
  'i=5; echo $((i += 2)) $i $((i > 3 ? 10 : 20))',
  'echo $(echo nested $(echo deep))',
  'echo `echo back \\`echo quoted\\``',
  'for i in a b c; do echo $i; done',
  'for i in 1 2 3 4; do if [ $i = 3 ]; then break; fi; echo $i; done',
  'for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done',
  'i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done',
  'i=0; until [ $i -ge 3 ]; do i=$((i+1)); done; echo $i',
  'case foo.txt in *.md) echo md;; *.txt|*.text) echo text;; *) echo other;; esac',
  'case x in [a-c]) echo abc;; [!a-c]) echo not;; esac',
  'f() { echo "in f: $1 $#"; return 3; }; f a b; echo $?',
  'f() { local x=2; echo $x; }; x=1; f; echo $x',
  'if false; then echo a; elif true; then echo b; else echo c; fi',
  'true && echo yes || echo no; false && echo yes || echo no',
  '! true; echo $?; ! false; echo $?',
  '(exit 7); echo $?',
  '(x=2; echo $x); echo ${x:-outer}',
  '{ echo a; echo b; } | cat',
  'echo one two | { read a b; echo "$b $a"; }',
  'printf "%s-%s\\n" a b c d',
  'printf "%5d|%-5s|%05d|%x\\n" 42 ab 7 255',
  'cat <<EOF\nhello $((1+1))\n  $(echo sub)\nEOF',
  "cat <<'EOF'\n$HOME `x`\nEOF",
  'cat <<-EOF\n\t\tindented\n\tEOF',
  'cat <<A; cat <<B\nfirst\nA\nsecond\nB',
  'x="a b c"; for w in $x; do echo "<$w>"; done; for w in "$x"; do echo "<$w>"; done',
  'set -- a "b c" d; echo $#; for w in "$@"; do echo "<$w>"; done; for w in $*; do echo "<$w>"; done; echo "$*"',
  'set -- 1 2 3; shift; echo $1 $#',
  'IFS=:; x=a:b::c; for w in $x; do echo "<$w>"; done',
  'IFS=,; set -- a b; echo "$*"',
  'echo a >f; echo b >>f; cat <f; wc -l <f | tr -d " "; rm f',
  'echo err >&2; echo out',
  'ls /nonexistent-folder 2>/dev/null; echo "status $?" | tr 0-9 N',
  '{ echo out; echo err >&2; } 2>&1 | sort',
  'exec 3>f3; echo three >&3; exec 3>&-; cat f3; rm f3',
  'x=$(false); echo $?; y=$(exit 4); echo $?',
  'echo "$(printf "a\\n\\n\\n")"end',
  'set -e; echo before; false; echo after',
  'set -e; false || echo saved; if false; then :; fi; echo end',
  'set -u; echo ${x-ok}; echo "$nothing"; echo unreached',
  'trap "echo bye" EXIT; echo hi',
  'trap "echo bye; exit 3" EXIT; exit 1',
  'eval "x=5; echo \\$x"',
  'x=1; unset x; echo ${x-unset}',
  "export A=1; sh -c 'echo $A'",
  "A=2 sh -c 'echo $A'; echo ${A-none}",
  'command -v cd; type cd >/dev/null; echo $?',
  'mkdir t; cd t; touch b1 b2 a1; echo b* ; echo *1; echo [ab]1; echo "b*"; echo nomatch*; rm b1 b2 a1',
  'echo "a\\$b \\"q\\" \\\\"',
  "echo 'it'\\''s'",
  'echo a; # comment\necho b # another',
  'echo a \\\n  b',
  'a() { b; }; b() { echo deep; }; a',
  'n() { [ $1 -le 0 ] && return; echo $1; n $(($1 - 1)); }; n 3',
  'x=5; [ "$x" -gt 3 ] && [ "$x" -lt 9 ] && echo between',
  '[ -n "" ]; echo $?; [ -z "" ]; echo $?; [ a != b ] && echo differ',
  '[ ! -e /nonexistent ] && echo missing; [ -d / ] && echo folder',
  'while read line; do echo "[$line]"; done <<EOF\na b\n c\nEOF',
  'printf "1 x\\n2 y\\n" | while read n l; do echo "$l$n"; done',
  'sleep 0 & wait $!; echo $?',
  'sh -c "exit 9"; echo $?',
  'echo $0 "$1"',
  'x=abc; y=${x}def; echo $y',
  'echo "${x:-"quoted default"}"',
  'x="*"; echo "$x"',
  'if echo a | grep -q a; then echo found; fi',
  'i=0; while :; do i=$((i+1)); [ $i -eq 5 ] && break; done; echo $i',
  'for i in 1 2; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done',
  'echo a | cat | cat | cat',
  'seq 3 | tail -n 1',
  'f() { cat; }; echo piped | f',
  'x=1; { x=2; }; echo $x; ( x=3 ); echo $x; x=4 | cat; echo $x',
  'umask >/dev/null; : ; echo $?',
  'getopts_test() { while getopts "ab:" o; do echo "$o ${OPTARG-}"; done; }; getopts_test -a -b val',
  'readonly r=1; echo $r',
  'echo \\* "\\*"',
  'case "a*b" in "a*b") echo literal;; esac',
  'x="a   b"; echo $x; echo "$x"',
  'echo ""|wc -c | tr -d " "',
  'test 1 -eq 1 -a 2 -eq 2 && echo both',
];

describe.skipIf(!dash)('agrees with dash', () => {
  test.each(SCRIPTS)('%s', async (script) => {
    const folder = mkdtempSync(join(tmpdir(), 'shell-'));
    try {
      const real = spawnSync('dash', ['-c', script, 'sh', 'first'], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
      });

      const ours = await pod.exec(['sh', '-c', script, 'sh', 'first']);

      expect({ stdout: ours.stdout, status: ours.status }).toEqual({ stdout: real.stdout, status: real.status });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('aliases that bring each other twice come to an end', () => {
  const doubling = Array.from({ length: 40 }, (_, level) => level);

  test.each([
    ['behind each other', (name: string) => `${name}; ${name}`],
    ['in a command substitution', (name: string) => `echo $(${name}) $(${name})`],
    ['in backquotes', (name: string) => `echo \`${name}\` \`${name}\``],
  ])('%s', async (_, twice) => {
    const aliases = doubling.map((level) => `alias a${level}='${twice(`a${level + 1}`)}'`);

    const { stderr } = await pod.exec(['sh', '-c', `${aliases.join('\n')}\na0`]);

    expect(stderr).toContain('aliases of as much text as this');
  });
});
