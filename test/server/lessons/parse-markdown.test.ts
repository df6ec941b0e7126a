import { expect, test } from 'vitest';
import { parseMarkdown } from '../../../server/lessons/parse-markdown.ts';
import type { ParsedText } from '../../../server/lessons/parsed-text.ts';
import { renderHint, renderTokens } from '../../../server/lessons/render.ts';

function parse(markdown: string): { text: ParsedText; problems: string[] } {
  const problems: string[] = [];
  const text = parseMarkdown(markdown, (line, message) => problems.push(`${line}: ${message}`));
  return { text, problems };
}

function html(markdown: string): string {
  const { text } = parse(`## Step\n\n${markdown}`);
  return renderTokens(text.steps[0]!.tokens, 'demo', text.places);
}

test('steps begin at second level headings, and what stands before is the introduction', () => {
  const { text, problems } = parse('# Title\n\nHello.\n\n## One *two*\n\nText.\n\n### Part\n\nThree\n-----\n\nText.\n');

  expect(problems).toEqual([]);
  expect(text.title).toEqual({ text: 'Title', line: 1 });
  expect(text.steps.map(({ title, line }) => [title, line])).toEqual([
    ['One two', 5],
    ['Three', 11],
  ]);
  expect(renderTokens(text.intro, 'demo', text.places)).toBe('<p>Hello.</p>');
});

test('a command that holds a control character is refused', () => {
  const { problems } = parse('## Step\n\n```sh run\nif true; then\n\techo \u0007\nfi\n```\n');

  expect(problems).toEqual([
    "3: Line 2 of the command holds the control character U+0007. Write it as $'\\x07' in the command.",
  ]);
});

test('lines of fences are right in lists, quotes, after look-alikes and with CRLF', () => {
  const markdown = [
    '## Step', // 1
    '',
    '[a]: https://example.com',
    '[a]: https://example.com',
    '',
    '````', // 6: shows a fence that is none
    '```sh run',
    'ls',
    '```',
    '````',
    '',
    '1. first', // 12
    '',
    '   ```sh run', // 14
    '   ls',
    '     indented',
    '   ```',
    '',
    '   ```output', // 19
    '   a',
    '   ```',
    '2. ```sh run', // 22
    '   ls',
    '   ```',
    '',
    '> ```hint', // 26
    '> a',
    '> ```',
    '',
    '- - ~~~sh run terminal=2', // 30
    '    ls',
    '    ~~~',
    '',
    '```sh run', // 34
    'ls',
    '```',
  ];
  for (const newline of ['\n', '\r\n']) {
    const { text, problems } = parse(markdown.join(newline));
    const blocks = text.steps[0]!.blocks;

    expect(problems).toEqual([]);
    expect(blocks.map((block) => [block.kind, block.id, block.line])).toEqual([
      ['run', '1-1', 14],
      ['run', '1-2', 22],
      ['hint', '1-3', 26],
      ['run', '1-4', 30],
      ['run', '1-5', 34],
    ]);
    expect(blocks[0]).toMatchObject({ command: 'ls\n  indented', outputs: [{ text: 'a', line: 19 }] });
    expect(blocks[3]).toMatchObject({ options: { terminal: 2 } });
  }
});

test('several outputs and one hint belong to the run block above them', () => {
  const { text, problems } = parse(
    '## S\n\n```sh run\nls\n```\n\n```output any order\na\n```\n```output not exit=3\nb\n```\n\n```hint\nfirst\n```\n\n```hint\nsecond\n```\n',
  );

  expect(problems).toEqual([]);
  expect(text.steps[0]!.blocks).toMatchObject([
    {
      kind: 'run',
      outputs: [
        { mode: 'any-order', exit: null },
        { mode: 'not', exit: 3 },
      ],
      hint: { text: 'first', line: 14 },
    },
    { kind: 'hint', id: '1-2', text: 'second' },
  ]);
});

test.each([
  [
    'two exit statuses',
    '```sh run\na\n```\n```output exit=1\n...\n```\n```output exit=2\n...\n```',
    '9: exit=2, but line 6 says exit=1. A command has one exit status.',
  ],
  [
    'an output below a check',
    '```check a\nobject: Pod a\n```\n```output\na\n```',
    '6: an output fence without its command.',
  ],
  [
    'an output below a hint',
    '```sh run\na\n```\n```hint\na\n```\n```output\na\n```',
    '9: an output fence without its command.',
  ],
  [
    'an output in the next item of a list',
    '- ```sh run\n  a\n  ```\n- ```output\n  a\n  ```',
    '6: an output fence without its command.',
  ],
  [
    'nothing that must not come',
    '```sh run\na\n```\n```output not\n```',
    '7: output with "not" needs at least one line.',
  ],
  [
    'an elision that must not come',
    '```sh run\na\n```\n```output not\na\n...\n```',
    '7: "..." means nothing in output that must not come.',
  ],
  [
    'options that exclude each other',
    '```sh run\na\n```\n```output not any order\na\n```',
    '6: "not" and "any order" exclude each other.',
  ],
  ['an option twice', '```sh run timeout=1s timeout=2s\na\n```', '3: the option "timeout" is written twice. Keep one.'],
  ['a name that no check can have', '```check 1-1\nobject: Pod a\n```', '3: "1-1" cannot name a check.'],
  ['a check that looks at nothing', '```check a\nwithin: 3s\n```', '4: check "a" says nothing to look at.'],
  ['a check of two things', '```check a\nobject: Pod a\nrun: ls\n```', '5: a check has "object" or "run", not both.'],
  ['a check that is a text', '```check a\nPod a\n```', '4: check "a" must be a map of fields'],
  [
    'fields of an absent object',
    '```check a\nobject: Pod a\nabsent: true\nhas: { a: 1 }\n```',
    '6: an object that must be absent has no fields.',
  ],
  ['an object that is not absent', '```check a\nobject: Pod a\nabsent: false\n```', '5: "absent" can only be true.'],
  ['a hole misspelt in a check', '```check a\nrun: ls\nlines: |\n  a\n  <aeg>\n```', '7: "<aeg>" is not a hole.'],
  [
    'a test on JSON that is none',
    '```check a\nrun: ls\njson: items.length = 2\n```',
    '5: unknown operator "=". Use one of == != contains',
  ],
  [
    'a comparison with a text',
    '```check a\nrun: ls\njson: items.length > many\n```',
    '5: ">" compares numbers, not many.',
  ],
  [
    'a field twice',
    '```check a\nrun: ls\nrun: id\n```',
    '5: check "a" is not YAML at "run: id": this field stands here twice. Remove one.',
  ],
  [
    'an exit status in a check',
    '```check a\nrun: ls\nexit: 300\n```',
    '5: "exit" is 300. Write a number from 0 to 255, or any.',
  ],
])('%s is a problem', (_, markdown, message) => {
  const { problems } = parse(`## Step\n\n${markdown}\n`);

  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(message);
});

test('a text without steps is a problem', () => {
  expect(parse('Hello.\n').problems).toEqual(['1: there is no step. Begin each step with a "## Title" heading.']);
});

test('fences in other languages are shown as they are', () => {
  expect(html('```yaml\na: <b>\n```')).toBe('<pre><code class="language-yaml">a: &lt;b&gt;\n</code></pre>');
  expect(html('```sh\nls\n```')).toBe('<pre><code class="language-sh">ls\n</code></pre>');
});

test('blocks become placeholders where their fences stood', () => {
  expect(html('1. First\n\n   ```sh run\n   ls\n   ```\n\n   ```output\n   a\n   ```\n')).toBe(
    '<ol>\n<li><p>First</p>\n<div data-block="1-1"></div>\n</li>\n</ol>',
  );
});

test('images come from the lesson and links open apart', () => {
  expect(html('![a "b"](images/x.png)')).toBe('<p><img src="/lessons/demo/images/x.png" alt="a &quot;b&quot;"></p>');
  expect(html('[a](https://example.com/?a=1&b="2")')).toContain(
    '<a href="https://example.com/?a=1&amp;b=&quot;2&quot;" target="_blank" rel="noopener noreferrer">a</a>',
  );
});

test('a hint is Markdown too, and its scripts are not links', () => {
  expect(renderHint('**a** [b](javascript:alert(1)) `c`', 'demo')).toBe('<p><strong>a</strong> b <code>c</code></p>');
});

test('a lesson of too many blocks is one problem', () => {
  expect(parse(`## Step\n\n${'```sh run\nls\n```\n'.repeat(302)}`).problems).toEqual([
    '903: more than 300 blocks in one lesson. Make two lessons of it.',
  ]);
});
