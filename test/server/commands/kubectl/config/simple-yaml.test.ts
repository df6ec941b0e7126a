import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseSimpleYaml } from '../../../../../server/commands/kubectl/config/simple-yaml.ts';
import { renderKubeconfig } from '../../../../../server/session/kubeconfig.ts';

describe('parseSimpleYaml', () => {
  it.each([
    ['the kubeconfig of a session', renderKubeconfig('http://127.0.0.1:8001/k/0a1b')],
    [
      'what kubectl config writes',
      'apiVersion: v1\nclusters:\n- cluster:\n    insecure-skip-tls-verify: true\n    server: https://a.example:6443\n  name: a\ncontexts: []\ncurrent-context: ""\nkind: Config\npreferences: {}\nusers:\n- name: me\n  user:\n    token: abc\n',
    ],
    ['indented lists and comments', '# mine\na:\n  - b: c\n    d: "e"\n\n  - f\nnothing:\n'],
  ])('reads %s as the full parser does', (_, text) => {
    expect(parseSimpleYaml(text)).toEqual(parse(text));
    expect(parseSimpleYaml(text)).toBeDefined();
  });

  it.each([
    'a: {b: c}\n',
    'a: |\n  text\n',
    'a: &x b\n',
    'a: 12\n',
    'a: b # c\n',
    'a: b: c\n',
    'a: yes\n',
    'a: "b\\n"\n',
    'a: b\na: c\n',
    'a:\n\tb: c\n',
    '- a\nb: c\n',
    '',
  ])('leaves %j to the full parser', (text) => {
    expect(parseSimpleYaml(text)).toBeUndefined();
  });
});
