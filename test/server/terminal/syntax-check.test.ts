import { describe, expect, it } from 'vitest';
import { findSyntaxProblem } from '../../../server/terminal/syntax-check.ts';

describe('findSyntaxProblem', () => {
  it.each([
    'echo ok',
    'cat <<EOF\na\nEOF',
    'for i in 1 2; do\n echo $i\ndone',
    'ls !(x)',
    '# nothing',
    `kubectl get pods -o jsonpath='{.items[0]}'`,
  ])('finds none in %j', async (command) => {
    expect(await findSyntaxProblem('/bin/bash', command)).toBeNull();
  });

  it.each([
    ['do x', "bash: line 1: syntax error near unexpected token `do'\nbash: line 1: `do x'"],
    ['echo a\n}', "bash: line 2: syntax error near unexpected token `}'\nbash: line 2: `}'"],
    ['if true', 'bash: line 2: syntax error: unexpected end of file'],
    ["echo 'a", "bash: line 1: unexpected EOF while looking for matching `''"],
    ['cat <<EOF\na', "bash: line 2: warning: here-document at line 1 delimited by end-of-file (wanted `EOF')"],
  ])('says what bash says of %j', async (command, message) => {
    expect(await findSyntaxProblem('/bin/bash', command)).toBe(message);
  });

  it('runs nothing', async () => {
    expect(await findSyntaxProblem('/bin/bash', 'echo "$(kill -9 $$)" >&2; kill -9 $$')).toBeNull();
  });
});
