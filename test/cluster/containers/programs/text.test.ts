import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../test-cluster.ts';

const gnu = spawnSync('sort', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU') === true;

let cluster: TestCluster;
let pod: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  pod = cluster.pod({ image: 'nginx:1.27' });
});
afterAll(() => cluster.dispose());

const INPUT = 'printf "banana 3\\napple 10\\ncherry 2\\napple 10\\n" >f; ';

const SCRIPTS = [
  'sort f',
  'sort -r f',
  'sort -u f',
  'sort -k2 -n f',
  'sort f | uniq',
  'sort f | uniq -c',
  'sort f | uniq -d',
  'head -n 2 f',
  'head -1 f',
  'head -c 4 f',
  'tail -n 1 f',
  'tail -n +3 f',
  'tail -2 f | head -1',
  'wc f',
  'wc -l f',
  'wc -l <f',
  'cat f f | wc -c',
  'cut -d" " -f2 f',
  'cut -c1-3 f',
  'cut -d" " -f1,2 f',
  'tr a-z A-Z <f',
  'tr -d aeiou <f',
  'tr -s n <f',
  'printf "a b  c\\n" | tr -s " " "\\n"',
  'grep apple f',
  'grep -v apple f',
  'grep -n an f',
  'grep -c apple f',
  'grep -i BANANA f',
  'grep -o "[0-9][0-9]*" f',
  'grep -E "^(apple|cherry)" f',
  'grep "^b.*3$" f',
  'grep -A1 banana f',
  'grep -B1 cherry f',
  'grep -q nothing f; echo $?',
  'grep -l apple f',
  'grep x f f || echo none',
  'grep apple f f',
  'grep -w app f; echo $?',
  'grep -F "a.p" f; echo $?',
  'sed s/a/X/ f',
  'sed s/a/X/g f',
  'sed -n 2p f',
  'sed 1d f',
  'sed "2,3d" f',
  'sed -n "/apple/p" f',
  'sed "/apple/d" f',
  'sed "s/\\([a-z]*\\) \\([0-9]*\\)/\\2 \\1/" f',
  'sed -E "s/([a-z]+) ([0-9]+)/[\\2] &/" f',
  'sed "s|an|/|g;s/e/E/2" f',
  'sed "\\$d" f',
  'sed -n "\\$p" f',
  'sed "s/apple/& pie/;s/10/ten/" f',
  'sed -i s/apple/pear/ f; cat f',
  'sed -n "/banana/,/cherry/p" f',
  'sed 2q f',
  'sed "1a after" f',
  'sed "1i before" f',
  'sed "y/abc/xyz/" f',
  'cat -n f',
  'seq 3 | xargs echo',
  'seq 3 | xargs -n 1 echo n',
  'seq 2 | xargs -I{} echo "<{}>"',
  'seq 1 2 7; seq 5',
  'basename /a/b.txt .txt; dirname /a/b.txt; dirname x',
  'echo hello | base64; echo aGVsbG8K | base64 -d',
  'mkdir -p d/e; touch d/e/x; ls d; ls -R d; find d | sort; rm -r d; ls d 2>/dev/null; echo $?',
  'cp f g; mv g h; cat h; rm h',
  'ln -s f l; cat l; rm l',
  'chmod +x f; [ -x f ] && echo executable',
  'echo text | tee t1; cat t1; rm t1',
  'env -i A=1 env',
  'A=5 printenv A',
  'printf "%s\\n" b a | sort | head -1',
  'printf "%.2f|%+d|%c|%b|%%\\n" 3.14159 5 xyz "a\\tb"',
  'rev f',
  'timeout 0.05 sleep 5; echo $?',
  'date -u +%Y | wc -c',
  'expr 1 + 2 \\* 3; expr \\( 1 + 2 \\) \\* 3; expr 7 / 2; expr -7 % 3; expr 1 - 1; echo $?',
  'expr 2 \\< 10; expr b \\< a; expr a = a; expr "" \\| x; expr 0 \\& 1; expr 1 / 0; echo $?',
  'expr length hello; expr substr hello 2 3; expr index hello lo; expr 1 +; echo $?; expr a + 1; echo $?',
  'test -f f && echo yes; [ -s f ] && echo big',
  'yes | head -3',
  'yes | head -n 100000 | wc -l',
  'head -c 1000000 /dev/zero | wc -c',
  'head -c 1k </dev/zero | wc -c',
  'cat /dev/zero | head -c 300000 | tail -c 200000 | wc -c',
  'head -c 300000 /dev/urandom >r; cat r | wc -c; tail -c 5 r | wc -c; rm r',
  'printf "%s\\303\\251%c\\n" é é | od -An -tx1; echo "é" | od -An -tx1',
  'printf "\\377\\376\\n\\200\\n" | tail -n 1 | od -An -tx1',
  'od -c f; od -x f; od -A x -t x1 f; od -b -N 5 f; od -An -tu1 f; od -t d2 f',
  'md5sum f; sha1sum <f; sha512sum f | cut -c1-20',
  'dd if=/dev/zero of=z bs=1k count=300 2>/dev/null; wc -c z; rm z',
  'printf 12345 | dd bs=1 skip=1 count=3 2>/dev/null',
  'seq 5 | head -n -2; seq 5 | tail -n +4; seq 5 | tail -n 2; printf "a\\nb" | tail -n 1',
  'printf abcdef | tail -c +3; printf abcdef | head -c -2',
  'seq 20000 | tail -n 15000 | head -n 1',
  'head -n 1 f f; tail -q -n 1 f f',
  'seq 100000 | sort -rn | head -n 1',
  'which nothing-like-this; echo $?',
  'cat nothing-here; echo $?',
  'cat f | while read a b; do echo "$b:$a"; done',
];

describe.skipIf(!gnu)('agrees with the GNU tools', () => {
  test.each(SCRIPTS)('%s', async (script) => {
    const folder = mkdtempSync(join(tmpdir(), 'text-'));
    try {
      const line = `${INPUT}${script}`;
      const real = spawnSync('sh', ['-c', line], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      });

      const ours = await pod.sh(`mkdir -p /w; cd /w; ${line}`);

      expect({ stdout: ours.stdout, status: ours.status }).toEqual({ stdout: real.stdout, status: real.status });
    } finally {
      rmSync(folder, { recursive: true });
      await pod.sh('rm -rf /w');
    }
  });
});

describe.skipIf(!gnu)('complains as the GNU tools', () => {
  test.each([
    'cat nothing-here',
    'ls nothing-here',
    'ls -9',
    'mkdir a/b/c',
    'rm nothing-here',
    'rmdir nothing-here',
    'cp nothing-here x',
    'sleep',
    'sleep abc',
    'head nothing-here',
    'cut f',
    'expr',
    'expr 1 +',
    'expr a + 1',
    'expr 1 / 0',
    'expr 1 2',
    'dd if=nothing-here of=x',
    'dd bs=x',
    'dd count=1 nonsense',
  ])('%s', async (script) => {
    const folder = mkdtempSync(join(tmpdir(), 'text-'));
    try {
      const real = spawnSync('sh', ['-c', script], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      });

      const ours = await pod.sh(`mkdir -p /w; cd /w; ${script}`);

      expect({ stderr: ours.stderr, status: ours.status }).toEqual({ stderr: real.stderr, status: real.status });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
