/**
 * The lines of a block's command, as they are typed.
 * @throws RangeError for control characters: the tty would act on them instead of passing them to bash.
 */
export function readCommandLines(command: string): string[] {
  const lines = command.replaceAll('\r\n', '\n').split('\n');
  for (const [index, line] of lines.entries()) {
    for (const character of line) {
      const code = character.codePointAt(0)!;
      if ((code >= 0x20 && code !== 0x7f) || character === '\t') continue;
      const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      throw new RangeError(
        `Line ${index + 1} of the command holds the control character ${name}. Write it as $'\\x${code.toString(16).padStart(2, '0')}' in the command.`,
      );
    }
  }
  return lines;
}
