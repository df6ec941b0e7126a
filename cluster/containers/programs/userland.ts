import type { Program } from '../process/process.ts';
import * as basic from './basic.ts';
import { cat, tee } from './cat.ts';
import * as fileChanges from './file-changes.ts';
import { shellProgram } from '../shell/sh.ts';
import { ls } from './ls.ts';
import { test } from './test.ts';

/** Programs of both families by name. */
const COMMON: Readonly<Record<string, Program>> = {
  basename: basic.basename,
  cat,
  chmod: fileChanges.chmod,
  clear: basic.clear,
  cp: fileChanges.cp,
  date: basic.date,
  dirname: basic.dirname,
  echo: basic.echo,
  env: basic.env,
  false: basic.falseProgram,
  hostname: basic.hostname,
  id: basic.id,
  kill: basic.kill,
  ln: fileChanges.ln,
  ls,
  mkdir: fileChanges.mkdir,
  mv: fileChanges.mv,
  printenv: basic.printenv,
  printf: basic.printf,
  ps: basic.ps,
  pwd: basic.pwd,
  rm: fileChanges.rm,
  rmdir: fileChanges.rmdir,
  seq: basic.seq,
  sleep: basic.sleep,
  tee,
  test,
  '[': test,
  touch: fileChanges.touch,
  true: basic.trueProgram,
  uname: basic.uname,
  which: basic.which,
  whoami: basic.whoami,
  yes: basic.yes,
};

/** The small tools of an image by absolute path. */
export function userlandPrograms(userland: 'busybox' | 'gnu' | 'none'): [string, Program][] {
  if (userland === 'none') return [];
  const shells: Record<string, Program> =
    userland === 'gnu' ? { sh: shellProgram('dash'), bash: shellProgram('bash') } : { sh: shellProgram('ash') };
  const folder = userland === 'gnu' ? '/usr/bin' : '/bin';
  return Object.entries({ ...COMMON, ...shells }).map(([name, program]) => [`${folder}/${name}`, program]);
}
