export type ShellName = 'ash' | 'dash' | 'bash';

export interface Script {
  text: string;
  shells: readonly ShellName[];
  /** Why it differs in some shells, by shell; there it must. */
  reasons: ReadonlyMap<ShellName, string>;
}

/** Reads the lists beside this file; the head of shell.txt says how they are written. */
export function parseScripts(list: string): Script[] {
  const scripts: Script[] = [];
  let shells: ShellName[] = ['ash', 'dash', 'bash'];
  let reasons = new Map<ShellName, string>();
  let block: string[] | null = null;
  const add = (text: string): void => {
    scripts.push({ text, shells, reasons });
    reasons = new Map();
  };
  for (const line of list.split('\n')) {
    const [, mark, names = '', reason = ''] = /^#([!@]) ((?:(?:ash|dash|bash) ?)+)(?:: )?(.*)$/.exec(line) ?? [];
    const named = names.trim().split(' ') as ShellName[];
    if (line === '---') {
      if (block !== null) add(block.join('\n'));
      block = block === null ? [] : null;
    } else if (block !== null) block.push(line);
    else if (mark === '@') shells = named;
    else if (mark === '!') for (const name of named) reasons.set(name, reason);
    else if (line !== '' && !line.startsWith('#')) add(line);
  }
  return scripts;
}
