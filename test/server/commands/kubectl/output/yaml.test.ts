import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderYaml } from '../../../../../server/commands/kubectl/output/yaml.ts';

// Recorded from kubectl 1.32.4, kubectl get -o yaml.
describe('renderYaml', () => {
  it.each([
    ['', '""'],
    ['12', '"12"'],
    ['1.50', '"1.50"'],
    ['yes', '"yes"'],
    ['y', '"y"'],
    ['null', '"null"'],
    ['~', '"~"'],
    ['a: b', "'a: b'"],
    ['a #b', "'a #b'"],
    ['- a', "'- a'"],
    ['*a', "'*a'"],
    ['@a', "'@a'"],
    ["it's", "it's"],
    [' a', "' a'"],
    ['a\tb', '"a\\tb"'],
    ['2026-11-21', '"2026-11-21"'],
    ['0x1f', '"0x1f"'],
    ['1e3', '"1e3"'],
    ['{"a":1}', `'{"a":1}'`],
    ['año 日本', 'año 日本'],
    ['nginx:1.27', 'nginx:1.27'],
    ['{{.x}}', "'{{.x}}'"],
  ])('writes %j as %s', (value, expected) => {
    expect(renderYaml({ a: value })).toBe(`a: ${expected}\n`);
  });

  it('writes lines as a block', () => {
    expect(renderYaml({ a: { b: 'one\ntwo\n', c: 'one\ntwo', d: 'one\n\n' } })).toBe(
      'a:\n  b: |\n    one\n    two\n  c: |-\n    one\n    two\n  d: |+\n    one\n\n',
    );
  });

  it('breaks long lines behind column 80', () => {
    expect(renderYaml({ long: 'words '.repeat(20).trim() })).toBe(
      `long: ${'words '.repeat(13).trim()}\n  ${'words '.repeat(7).trim()}\n`,
    );
  });

  it('puts keys in order, numbers in them by value, and does not indent lists', () => {
    expect(renderYaml({ b: [1, { c: 'x', a: [] }], key10: {}, key9: null })).toBe(
      'b:\n- 1\n- a: []\n  c: x\nkey9: null\nkey10: {}\n',
    );
  });

  it('reads back as what was written', () => {
    const words = ['a', ' ', '\n', ':', '-', '#', "'", '"', '1', '\t', 'é', '\\', '{', ',', 'true'];
    // A fixed sequence of texts, each word chosen by the last: many shapes, the same in every run.
    let state = 7;
    for (let round = 0; round < 3000; round++) {
      let text = '';
      for (let length = 0; length < 8; length++) {
        state = (state * 1103515245 + 12345) % 2147483648;
        text += words[state % words.length] ?? '';
      }
      const written = renderYaml({ key: text, list: [text] });
      expect(parse(written, { version: '1.1' }), written).toEqual({ key: text, list: [text] });
    }
  });
});
