import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lexer } from 'marked';
import { expect, test } from 'vitest';
import { parseMarkdown } from '../../../server/lessons/parse-markdown.ts';
import { readProofs } from '../../../server/lessons/read-proofs.ts';
import { readConfig } from '../../../server/lessons/read-config.ts';
import { LESSONS } from './lesson-copy.ts';

test('every example of the guide for authors is sound', async () => {
  const guide = await readFile(join(LESSONS, 'README.md'), 'utf8');
  const fences = lexer(guide).flatMap((token) => (token.type === 'code' ? [token] : []));
  const problems: string[] = [];
  const report = (line: number, message: string): void => void problems.push(`${line}: ${message}`);

  const yaml = fences.filter((fence) => fence.lang === 'yaml');
  const configs = yaml.filter((fence) => fence.text.startsWith('title:'));
  const proofs = yaml.filter((fence) => !configs.includes(fence));
  for (const config of configs) readConfig(config.text, 'canary', '/lessons/canary', report);
  const examples = fences.filter((fence) => fence.lang === 'markdown').map((fence) => fence.text);
  // The example of an output stands below a command in a lesson.
  const markdown = examples.map((text) =>
    text.startsWith('```output') ? `\`\`\`sh run\ncurl\n\`\`\`\n${text}` : text,
  );
  markdown.push('```check door-is-open\nrun: curl\n```');
  const text = parseMarkdown(`## Step\n\n${markdown.join('\n\n')}`, report);
  for (const proof of proofs) readProofs(proof.text, text, report);

  expect(configs).toHaveLength(2);
  expect(proofs).toHaveLength(1);
  expect(examples).toHaveLength(5);
  expect(problems).toEqual([]);
});
