import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names the file that a shell reads to report its commands; `~/.bashrc` follows it, so nested shells report too. */
export const INTEGRATION_VARIABLE = 'TALLER_SHELL_INTEGRATION';

/** Text that the first shell of a terminal prints before its first prompt. Not inherited by what runs in it. */
export const GREETING_VARIABLE = 'TALLER_GREETING';

/**
 * Sent to readline, Ctrl-^ makes it hand over the line that is being edited and empty it. One byte that no default
 * binding uses and that does no harm when another program reads it.
 */
export const TAKE_LINE = '\x1e';

export interface ShellIntegration {
  /** Tells the marks of this terminal's shells from marks that a program prints. Known to the file alone. */
  nonce: string;
  /** Absolute path of the rc file, for `--rcfile` and for {@link INTEGRATION_VARIABLE}. */
  file: string;
  dispose(): void;
}

/**
 * Writes the rc file into `directory` (made when it is missing) and a `.bashrc` that reads it into `home`, unless
 * there is one. The first shell gets the file by `--rcfile`, so that a learner who deletes `~/.bashrc` still has a
 * working terminal; `bash` and `exec bash` get it by way of `~/.bashrc`.
 */
export function createShellIntegration(directory: string, home: string): ShellIntegration {
  const nonce = randomBytes(16).toString('hex');
  const file = join(directory, `${randomBytes(8).toString('hex')}.bashrc`);
  writeNew(
    join(home, '.bashrc'),
    `# Lets the lesson see which commands run. Shells started without this line are not followed.
[ -r "$${INTEGRATION_VARIABLE}" ] && . "$${INTEGRATION_VARIABLE}"
`,
  );
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(file, integrationScript(nonce), { mode: 0o600, flag: 'wx' });
  return { nonce, file, dispose: () => rmSync(file, { force: true }) };
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    // The lesson brought its own, or a terminal before this one wrote it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * OSC 133 marks with a nonce; `mark-splitter.ts` says what each means. Needs bash 5.1, for PROMPT_COMMAND as an
 * array.
 *
 * - The nonce stands in one variable and the prompts refer to it, so that `export PS1` does not export it.
 * - PS0 is printed when a command has been read, before it runs, also for each command of a paste that holds
 *   several. `$?` must be expanded before `$(…)`, which changes it.
 * - Everything goes to stderr, where readline writes its prompts, so that `exec >file` loses no mark; stderr of the
 *   functions themselves is closed to `set -x`.
 * - `stty noflsh`: at Ctrl-C the tty would signal the shell and then throw away all output under way, and what the
 *   shell prints at once, marks and prompt, with it (Linux, n_tty.c, isig). The input that it throws away too, so that
 *   a half-typed answer does not land at the prompt, is read by `__taller_done` instead.
 * - Macros lead to the bound function because readline cannot call one by a key that ends a history search.
 */
function integrationScript(nonce: string): string {
  return `[ -n "\${__taller_nonce-}" ] && return 0
__taller_nonce='${nonce}'
set +H
shopt -s checkwinsize cmdhist lithist histappend
PS1='\\[\\e[1;34m\\]\\w\\[\\e[0m\\] $ '
PS2='> '

__taller_done() {
  # What is remembered: another Ctrl-C in here has bash begin anew, with the status of what it broke off.
  local status=\${__taller_status:-$?} unread
  case $status in
    130 | 131 | 148)
      __taller_status=$status
      IFS= builtin read -rs -t 0.001 -d '' -n 65536 unread ;;
  esac
  builtin printf '\\e]133;D;%s;%s;%s\\a' "$__taller_nonce" "$status" "$BASHPID" >&9
  __taller_status=
  return "$status"
}
__taller_prompt() {
  # Commands are read back from the history, so it may leave out none.
  HISTCONTROL= HISTIGNORE=
  [[ \${PROMPT_COMMAND[0]-} == *__taller_done* ]] ||
    PROMPT_COMMAND=('{ __taller_done; } 9>&2 2>/dev/null' "\${PROMPT_COMMAND[@]}")
  [[ $PS1 == *'133;B;$__taller_nonce'* ]] ||
    PS1='\\[\\e]133;A;$__taller_nonce;$?;$BASHPID\\a\\]'"$PS1"'\\[\\e]133;B;$__taller_nonce\\a\\]'
  [[ $PS2 == *'133;P;$__taller_nonce'* ]] ||
    PS2='\\[\\e]133;P;$__taller_nonce;$?;$BASHPID\\a\\]'"$PS2"
  [[ \${PS0-} == *'133;C;$__taller_nonce'* ]] ||
    PS0='\\e]133;T;$__taller_nonce;$?;$BASHPID\\a$({ __taller_text; } 2>/dev/null)\\e]133;C;$__taller_nonce\\a'"\${PS0-}"
}
__taller_text() {
  HISTTIMEFORMAT= builtin history 1
}
__taller_take_line() {
  builtin printf '\\e]133;T;%s;0;%s\\a%s\\e]133;R;%s\\a' "$__taller_nonce" "$BASHPID" "$READLINE_LINE" "$__taller_nonce" >&9
  READLINE_LINE= READLINE_POINT=0
}

bind 'set enable-bracketed-paste on'
bind -m emacs -x '"\\C-x\\C-^": { __taller_take_line; } 9>&2 2>/dev/null'
bind -m vi-insert -x '"\\C-x\\C-^": { __taller_take_line; } 9>&2 2>/dev/null'
bind -m emacs '"\\C-^": "\\C-x\\C-^"'
bind -m vi-insert '"\\C-^": "\\C-x\\C-^"'
bind -m vi-command '"\\C-^": "i\\C-x\\C-^"'

# The first Tab behind a command asks it for its completion; 124 has bash look again.
__taller_completion() {
  . <("$1" completion bash 2>/dev/null)
  [[ $(complete -p "$1" 2>/dev/null) != *__taller_completion* ]] && return 124
  complete -o default "$1"
  return 124
}
complete -F __taller_completion kubectl oc istioctl

# Read by --rcfile, this file stands in for ~/.bashrc; read from there, it must not read it again.
if [ "\${#BASH_SOURCE[@]}" -eq 1 ]; then
  stty noflsh
  [ -r ~/.bashrc ] && . ~/.bashrc
  [ -n "\${${GREETING_VARIABLE}-}" ] && builtin printf '%s\\n\\n' "\$${GREETING_VARIABLE}"
  unset ${GREETING_VARIABLE}
fi

PROMPT_COMMAND=('{ __taller_done; } 9>&2 2>/dev/null' "\${PROMPT_COMMAND[@]}" '{ __taller_prompt; } 9>&2 2>/dev/null')
true
`;
}
