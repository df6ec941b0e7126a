import { evaluateTest, TestSyntaxError } from '../../programs/test.ts';
import { shellMessage } from '../dialect.ts';
import type { Shell } from '../shell.ts';

/** `test` and `[` */
export async function test(shell: Shell, words: readonly string[]): Promise<number> {
  const [name = ''] = words;
  const args = words.slice(1);
  const prefix = shell.dialect === 'ash' ? '' : `${name}: `;
  try {
    if (name === '[' && args.pop() !== ']')
      throw new TestSyntaxError(shell.dialect === 'bash' ? "missing `]'" : 'missing ]');
    return evaluateTest(shell.process, args, shell.dialect) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestSyntaxError)) throw error;
    await shell.process.printError(shellMessage(shell.messages, prefix + error.message));
    return 2;
  }
}
