import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';

export const command: Command = {
  usage: 'SHELL',
  long: 'Prints code that makes a shell complete commands, flags, kinds and names with the Tab key. Taller has it for bash.',
  examples: [['In this shell', 'completion bash']],
  async run({ args, io, program }) {
    const [shell, ...more] = args;
    if (shell === undefined) throw new UsageError('Shell not specified.');
    if (more.length > 0) throw new UsageError('Too many arguments. Expected only the shell type.');
    if (['zsh', 'fish', 'powershell'].includes(shell))
      throw new CommandError(`"${program} completion ${shell}" is not simulated in Taller; bash is`);
    if (shell !== 'bash') throw new UsageError(`Unsupported shell type ${JSON.stringify(shell)}.`);
    io.stdout.write(renderBashScript(program));
    return 0;
  },
};

/**
 * Words come from the line itself: bash has cut them at `=` and `:` too, and takes back only what stands behind the
 * last of them.
 */
export function renderBashScript(program: string): string {
  const name = `__taller_complete_${program}`;
  return `# Completion of ${program} for bash.
${name}() {
  local line=\${COMP_LINE:0:COMP_POINT} current cut candidate directive reply
  local -a words
  read -ra words <<<"$line"
  current=
  [[ $line == *[[:space:]] ]] || { current=\${words[-1]}; unset 'words[-1]'; }
  reply=$("\${words[0]:-${program}}" __complete "\${words[@]:1}" "$current" 2>/dev/null) || return
  directive=\${reply##*:}
  reply=\${reply%:*}
  # What bash itself puts before the answer.
  cut=\${current%"\${COMP_WORDS[COMP_CWORD]}"}
  [[ \${COMP_WORDS[COMP_CWORD]} == [=:] ]] && cut=$current
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    [[ -n $candidate ]] && COMPREPLY+=("\${candidate#"$cut"}")
  done <<<"$reply"
  (( directive & 2 )) && compopt -o nospace
  (( directive & 4 )) || compopt -o default
  return 0
}
complete -F ${name} ${program}
`;
}
