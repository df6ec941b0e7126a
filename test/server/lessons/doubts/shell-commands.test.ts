import { expect, test } from 'vitest';
import { readShellCommands } from '../../../../server/lessons/doubts/shell-commands.ts';

test.each([
  [
    'quotes and pipes',
    `kubectl get pods -l 'app=web' | grep "a b" > out 2>&1`,
    '0 kubectl get pods -l app=web; 0 grep a b > out',
  ],
  ['here-documents', "kubectl apply -f - <<EOF\nit's: 1\nEOF\nls", '0 kubectl apply -f -; 3 ls'],
  ['here-documents with tabs', 'cat <<-EOF > a; ls\n\tb\n\tEOF\npwd', '0 cat > a; 0 ls; 3 pwd'],
  ['loops', 'for a in b c; do\n  ls $a\ndone', '0 for a in b c; 0 do; 1 ls «$a»; 2 done'],
  [
    'substitutions',
    'A=$(oc get a)\ncurl "http://$A/`id`"',
    '0 oc get a; 0 «A=$(oc get a)»; 1 id; 1 curl «http://$A/`id`»',
  ],
  ['patterns of case', 'case $a in\n b|c) ls ;;\n *) id ;;\nesac', '0 case «$a» in; 1 b; 1 ls; 2 id; 3 esac'],
  ['functions and subshells', 'f() { ls; }\n(cd a && ls) &', '0 f(); 0 «{» ls; 0 «}»; 1 cd a; 1 ls'],
  ['comments', "ls # it's\nid a#b", '0 ls; 1 id a#b'],
  ['continued lines', "oc patch a \\\n  -p '{\n}' \\\n  -n b\nls", '0 oc patch a -p {\n} -n b; 4 ls'],
  ['files in place of processes', 'diff <(ls a) <(ls b)', '0 ls a; 0 ls b; 0 diff «<(ls a)» «<(ls b)»'],
  ['arithmetic', 'echo $((1 << 2)); ((a++))\nls <<< b', '0 echo «$((1 << 2))»; 1 ls'],
])('reads %s', (_, text, expected) => {
  const commands = readShellCommands(text).map(({ line, words, writes }) => {
    const shown = words.map((word) => (word.plain ? word.text : `«${word.text}»`));
    return [line, ...shown, ...writes.map((file) => `> ${file.text}`)].join(' ');
  });

  expect(commands.join('; ')).toBe(expected);
});

test('ends on whatever bash could not read', () => {
  const pieces = ['$(', '`', '"', "'", '<<', '(', ')', '${', '\n', 'a', '<(', '\\', '>', '=(', '))', '<<A', ';', '#'];
  for (const one of pieces) {
    for (const two of pieces) for (const three of pieces) readShellCommands(`${one}${two}x${three}`);
  }
});
