/** Words enough to tell one command from the next when a screen reader reads a list of buttons. */
const WORDS = 5;

/** The beginning of a command, for the name of a button. */
export function firstWords(command: string): string {
  const line = command.split('\n', 1)[0] ?? '';
  const words = line.split(' ');
  const cut = words.length > WORDS || command.includes('\n');
  return words.slice(0, WORDS).join(' ') + (cut ? ' …' : '');
}
