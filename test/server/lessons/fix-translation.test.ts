import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareLocales, listUnits } from '../../../server/lessons/compare-locales.ts';
import { fixTranslation } from '../../../server/lessons/fix-translation.ts';
import { parseMarkdown } from '../../../server/lessons/parse-markdown.ts';
import { LESSONS } from './lesson-copy.ts';

const ORIGINAL = `# Doors

Doors have locks.

## One

Open it:

\`\`\`sh run
open door
\`\`\`

\`\`\`output
opened
\`\`\`

\`\`\`check door-open
goal: The door is open.
run: look door
lines: open
hints:
  lines: It is still shut.
\`\`\`

## Two

Close it.

\`\`\`sh run
close door
\`\`\`
`;

const TRANSLATION = `# Puertas

Las puertas tienen cerraduras.

## Uno

Ábrela:

\`\`\`sh run
open door
\`\`\`

\`\`\`output
opened
\`\`\`

\`\`\`check door-open
goal: La puerta está abierta.
run: look door
lines: open
hints:
  lines: Sigue cerrada.
\`\`\`

## Dos

Ciérrala.

\`\`\`sh run
close door
\`\`\`
`;

function fix(original: string, translation: string) {
  const fixed = fixTranslation(original, translation, 'en');
  if (fixed === null) throw new Error('the texts cannot be taken apart');
  return fixed;
}

/** What `check` would say of the two. */
function differences(original: string, translation: string): string[] {
  const found: string[] = [];
  const report = (line: number, message: string) => void found.push(`${line}: ${message}`);
  compareLocales(parseMarkdown(original, report), 'en.md', parseMarkdown(translation, report), report);
  return found;
}

const marked = fix(ORIGINAL, TRANSLATION).text;

test('a sound translation only gets the marks that tell what it was made from', () => {
  expect(marked.replaceAll(/\n?<!-- en: [0-9a-f]{8} -->\n/g, '')).toBe(TRANSLATION);
  expect(marked.match(/^<!-- en: /gm)).toHaveLength(3);
  expect(fix(ORIGINAL, marked)).toEqual({ text: marked, fixes: [] });
});

test('a changed command is taken over and the prose stays', () => {
  const original = ORIGINAL.replace('open door\n```', 'open --wide door\n```');
  const { text, fixes } = fix(original, marked);

  expect(text).toBe(marked.replace('open door\n```', 'open --wide door\n```'));
  expect(fixes.map(({ message }) => message)).toEqual(['took over the command "open --wide door"']);
});

test('a changed check keeps the goal and the hints that are translated, and says which are not', () => {
  const original = ORIGINAL.replace('lines: open\n', 'lines: wide open\nexit: 0\n').replace(
    'It is still shut.\n',
    'It is still shut.\n  exit: The door is gone.\n',
  );
  const { text } = fix(original, marked);

  expect(differences(original, text)).toEqual([]);
  expect(text).toContain('\ngoal: La puerta está abierta.\nrun: look door\n');
  expect(text).toContain('  lines: Sigue cerrada.\n  exit: <!-- untranslated --> The door is gone.\n```');
});

test('a goal that only one language has is a difference, and is taken over to be translated', () => {
  const without = marked.replace('goal: La puerta está abierta.\n', '');
  const { text } = fix(ORIGINAL, without);

  expect(differences(ORIGINAL, without).join()).toContain('check "door-open"');
  expect(text).toContain('\ngoal: <!-- untranslated --> The door is open.\n');
});

test('prose that changed in the original is marked until the translator deletes the line', () => {
  const original = ORIGINAL.replace('Open it:', 'Now open it:');
  const behind = fix(original, marked);

  expect(behind.fixes.map(({ message }) => message)).toEqual([
    'step 1 fell behind: the original has changed since; translate it, then delete this line',
  ]);
  const line = behind.text.split('\n').find((one) => one.includes('behind')) ?? '';
  expect(line).toMatch(
    /^<!-- en: [0-9a-f]{8} behind: the original has changed since; translate it, then delete this line -->$/,
  );
  expect(fix(original, behind.text).fixes).toEqual([]);
  const translated = fix(original, behind.text.replace(`${line}\n`, '').replace('Ábrela:', 'Ahora ábrela:'));
  expect(translated.text).not.toContain('behind');
  expect(fix(original, translated.text).fixes).toEqual([]);
});

test('a step that is not there yet is added to be translated', () => {
  const original = `${ORIGINAL}\n## Three\n\nKnock.\n\n\`\`\`sh run\nknock\n\`\`\`\n`;
  const { text } = fix(original, marked);

  expect(differences(original, text)).toEqual([]);
  expect(text).toContain('## Three\n\n<!-- untranslated -->\n\nKnock.');
});

test('line ends and a byte order mark stay as they are', () => {
  const windows = (text: string) => `\ufeff${text.replaceAll('\n', '\r\n')}`;
  const expected = fix(ORIGINAL, TRANSLATION);

  expect(fix(windows(ORIGINAL), windows(TRANSLATION))).toEqual({ ...expected, text: windows(expected.text) });
});

test('what a translator wrote into a fence that goes is said', () => {
  const hint = '```hint\nEmpuja,\nno tires.\n```\n';

  expect(fix(ORIGINAL, `${TRANSLATION}\n${hint}`).fixes.map(({ message }) => message)).toContain(
    'removed the hint fence, which said: Empuja, no tires.',
  );
});

test('a text whose fences are not closed is left to its author', () => {
  expect(fixTranslation(ORIGINAL, TRANSLATION.replace('close door\n```\n', 'close door\n'), 'en')).toBeNull();
});

describe('in the lesson that ships', async () => {
  const [original, translation] = (await Promise.all(
    ['en.md', 'es.md'].map((name) => readFile(join(LESSONS, 'mesh-wide-mtls', name), 'utf8')),
  )) as [string, string];
  const lines = translation.split('\n');
  const units = listUnits(parseMarkdown(translation, () => {}));

  test.each(units.map((unit, index) => [index, unit.label, unit] as const))(
    '%i: a lost %s comes back',
    (_index, _label, unit) => {
      const without = lines.filter((_, index) => index < unit.line - 1 || index > unit.endLine + 1).join('\n');
      const { text } = fix(original, without);

      expect(differences(original, text)).toEqual([]);
      expect(fix(original, text)).toEqual({ text, fixes: [] });
    },
  );

  test.each(units.map((unit, index) => [index, unit.label, unit] as const))(
    '%i: a second %s goes',
    (_index, _label, unit) => {
      const fence = lines.slice(unit.line - 1, unit.endLine + 1);
      const twice = [...lines.slice(0, unit.endLine + 1), '', ...fence, ...lines.slice(unit.endLine + 1)].join('\n');
      const { text } = fix(original, twice);

      expect(differences(original, text)).toEqual([]);
    },
  );
});
