import { expect, it } from 'vitest';
import { openTerminal } from './open-terminal.ts';
import { createRandom } from './random.ts';

interface Command {
  text: string;
  output: string;
  status: number;
}

type Random = ReturnType<typeof createRandom>;

const WORDS = [
  'a',
  'tab\tbed',
  'ñandú',
  '日本',
  '🙂',
  '"',
  '!',
  '$x',
  '`',
  '\\',
  '*',
  '#',
  ';',
  '  ',
  '{',
  '~',
  '%s',
  '133;C',
];

/** A command of random words and form, with what it prints and how it ends. */
function createCommand(random: Random): Command {
  const word = () => Array.from({ length: 1 + random.below(4) }, () => random.pick(WORDS)).join('');
  const quote = (text: string) => `'${text}'`;
  const status = random.below(3) === 0 ? random.below(120) : 0;
  const end = status === 0 ? '' : `; (exit ${status})`;
  const lines = Array.from({ length: random.below(6) }, word);
  const text = lines.map((line) => `${line}\n`).join('');
  switch (random.below(8)) {
    case 0:
      return { text: `printf %s ${quote(word())}`, output: '', status: 0 };
    case 1:
      return { text: `cat <<'END'\n${text}END`, output: text, status: 0 };
    case 2:
      return { text: `cat <<-'END' | cat${end}\n${text}\tEND`, output: text.replace(/^\t+/gm, ''), status };
    case 3:
      return { text: `printf '%s\\n' ${quote(lines.join('\n'))}${end}`, output: `${lines.join('\n')}\n`, status };
    case 4:
      return { text: `for i in 1 2 3; do\n  echo "$i"\ndone${end}`, output: '1\n2\n3\n', status };
    case 5:
      return {
        text: `f${status}() {\n  echo ${quote('in f')}\n  return ${status}\n}; f${status}`,
        output: 'in f\n',
        status,
      };
    case 6:
      return { text: `case x in\n  x) echo ${quote(word())} | wc -l;;\nesac${end}`, output: '1\n', status };
    default:
      return { text: `(printf '\\e[3%sm\\e]133;D;0\\a' 1)${end}`, output: '\x1b[31m\x1b]133;D;0\x07', status };
  }
}

function createBlock(random: Random): Command[] {
  return Array.from({ length: 1 + random.below(4) }, () => {
    const command = createCommand(random);
    if (!command.text.startsWith('printf %s')) return command;
    return { ...command, output: /^printf %s '([^]*)'$/.exec(command.text)![1]! };
  });
}

/** As the tty prints it. */
const printed = (output: string) => output.replaceAll('\n', '\r\n');
/** Blank lines outside of quotes are the only ones that history drops; these texts have none. */
const textOf = (commands: Command[]) => commands.map((command) => command.text).join('\n');

it.each([1, 2, 3, 4])('random blocks that are clicked give their exact output: seed %i', async (seed) => {
  const random = createRandom(seed);
  const shell = await openTerminal();

  for (let round = 0; round < 60; round++) {
    const block = createBlock(random);
    const before = shell.finished().length;

    const result = await shell.terminal.run(textOf(block));

    expect(result).toEqual({
      outcome: 'finished',
      output: printed(block.map((command) => command.output).join('')),
      status: block.at(-1)!.status,
    });
    expect(shell.finished().slice(before)).toEqual(
      block.map(({ text, output, status }) => ({ text, output: printed(output), status, fed: true })),
    );
  }
});

it.each([11, 12, 13, 14])('random blocks that are pasted are told apart exactly: seed %i', async (seed) => {
  const random = createRandom(seed);
  const shell = await openTerminal();

  for (let round = 0; round < 60; round++) {
    const block = createBlock(random);

    const commands = await shell.type(`\x1b[200~${textOf(block)}\x1b[201~\r`, block.length);

    expect(commands).toEqual(
      block.map(({ text, output, status }) => ({ text, output: printed(output), status, fed: false })),
    );
  }
});
