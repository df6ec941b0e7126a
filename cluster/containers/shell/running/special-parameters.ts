import type { Shell } from '../shell.ts';

/** The value of a parameter or variable; undefined when it is not set. `@` and `*` are left to expansion. */
export function parameterValue(shell: Shell, name: string): string | undefined {
  switch (name) {
    case '?':
      return String(shell.lastStatus);
    case '$':
      return String(shell.process.pid);
    case '!':
      return shell.lastBackground === null ? undefined : String(shell.lastBackground.pid);
    case '#':
      return String(shell.positional.length);
    case '-':
      return flags(shell);
    case '0':
      return shell.name;
    case 'RANDOM':
      return shell.dialect === 'dash' ? shell.variables.get(name) : String(random(shell));
    case 'SECONDS':
      if (shell.dialect !== 'bash') return shell.variables.get(name);
      return String(Math.floor((shell.process.container.clock.now() - shell.process.startedAt) / 1000));
    case 'LINENO':
      return String(shell.line);
    default:
      return /^\d+$/.test(name) ? shell.positional[Number(name) - 1] : shell.variables.get(name);
  }
}

/** `$-` */
function flags(shell: Shell): string {
  const letters = [...shell.options].filter((option) => option.length === 1).join('');
  if (shell.dialect === 'bash') return `${letters}hB${shell.interactive ? 'im' : shell.isCommandText ? 'c' : ''}`;
  return letters + (shell.interactive ? 'im' : '') + (shell.dialect === 'ash' && shell.isCommandText ? 'c' : '');
}

/** `$RANDOM`, up to 32767. */
function random(shell: Shell): number {
  const [high = 0, low = 0] = shell.process.container.randomBytes(2);
  return ((high << 8) | low) & 0x7fff;
}
