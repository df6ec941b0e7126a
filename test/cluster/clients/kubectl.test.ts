import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createClientMachine } from './client-machine.ts';
import { runBlock } from './run-block.ts';
import { parseScript } from './script.ts';

// `.ci/run` fetches an old one; more may be listed, separated by colons.
const kubectls = [...(process.env.TALLER_KUBECTLS ?? '').split(':'), '/usr/bin/kubectl'].filter(
  (path, index, all) => path !== '' && existsSync(path) && all.indexOf(path) === index,
);
const script = parseScript(new URL('commands.txt', import.meta.url).pathname);

test.runIf(kubectls.length === 0)('no kubectl to judge by: install one, or list some in TALLER_KUBECTLS', (context) => {
  context.skip();
});

test('the script has at least 150 command lines', () => {
  expect(script.length).toBeGreaterThanOrEqual(150);
});

test.for(kubectls)('%s does all that the script says', { timeout: 600_000 }, async (kubectl) => {
  const machine = await createClientMachine(kubectl);
  const problems: string[] = [];
  try {
    for (const block of script) {
      if (machine.minor < block.since || machine.minor >= block.before) continue;
      const found = await runBlock(machine, block);
      if (found.length > 0) problems.push([`commands.txt:${block.line}: ${block.command}`, ...found].join('\n  '));
    }
    await expect.poll(() => machine.upgradedConnections()).toBe(0);
  } finally {
    await machine.dispose();
  }

  expect(problems.join('\n\n')).toBe('');
});
