import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTempLesson } from '../session/temp-lesson.ts';

const launch = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));

const MARKDOWN = `## One

\`\`\`sh run
kubectl create deployment web --image=nginx
kubectl rollout status deployment web
\`\`\`

\`\`\`sh run
kubectl get pods
\`\`\`

\`\`\`output
NAME READY
\`\`\`

\`\`\`sh run
kubectl get pods nothing
\`\`\`

\`\`\`sh run
echo kept
\`\`\`

\`\`\`output
<word>
\`\`\`
`;

test('what commands print in two sessions is written below them, and then it holds', async () => {
  const lesson = await createTempLesson(MARKDOWN);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [launch, 'record', lesson.directory]);
    const [en, es] = await Promise.all(
      ['en.md', 'es.md'].map((name) => readFile(join(lesson.directory, name), 'utf8')),
    );

    expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
      'recorded: kubectl create deployment web --image=nginx',
      'recorded: kubectl get pods',
      'recorded: kubectl get pods nothing',
      'kept: echo kept',
    ]);
    expect(en).toBe(es);
    expect(en).toContain('deployment.apps/web created\n');
    expect(en).toMatch(/```output\nNAME +READY +STATUS +RESTARTS +AGE\nweb-<rs>-<id> +1\/1 +Running +0 +<age>\n```/);
    expect(en).toContain('```output exit=1\nError from server (NotFound): pods "nothing" not found\n```');
    expect(en).toContain('```output\n<word>\n```');
    const check = await promisify(execFile)(process.execPath, [launch, 'check', lesson.directory]);
    expect(check.stdout).toContain('8 passed, 0 failed');
  } finally {
    await lesson.dispose();
  }
}, 60_000);
