import type { Program } from '../process/process.ts';
import { awk } from './awk/awk.ts';
import * as basic from './basic.ts';
import * as bytes from './bytes.ts';
import { cat, tee } from './cat.ts';
import { dd } from './dd.ts';
import { expr } from './expr.ts';
import * as fileChanges from './file-changes.ts';
import { checksumPrograms } from './checksums.ts';
import { shellProgram } from '../shell/sh.ts';
import { grep } from './grep.ts';
import { head, tail } from './head-tail.ts';
import { ls } from './ls.ts';
import { nc, nslookup, wget } from './network-tools.ts';
import * as processNames from './process-names.ts';
import * as running from './running.ts';
import { date } from './date.ts';
import { diff } from './diff.ts';
import { find } from './find.ts';
import { sed } from './sed/sed.ts';
import * as smallFiles from './small-files.ts';
import * as smallText from './small-text.ts';
import { sort } from './sort.ts';
import { openssl } from './openssl/openssl.ts';
import * as system from './system.ts';
import * as text from './text.ts';
import { tar } from './tar/tar.ts';
import { test } from './test.ts';

/** Programs of both families by name. */
const COMMON: Readonly<Record<string, Program>> = {
  arch: smallFiles.arch,
  awk,
  basename: basic.basename,
  cat,
  ...checksumPrograms,
  chmod: fileChanges.chmod,
  base64: text.base64,
  clear: basic.clear,
  cp: fileChanges.cp,
  cut: text.cut,
  cmp: smallFiles.cmp,
  date,
  diff,
  dd,
  od: bytes.od,
  dirname: basic.dirname,
  df: system.df,
  du: system.du,
  echo: basic.echo,
  env: basic.env,
  expr,
  false: basic.falseProgram,
  egrep: grep,
  fgrep: grep,
  find,
  fold: smallText.fold,
  grep,
  groups: smallFiles.groups,
  gunzip: smallFiles.gzip,
  gzip: smallFiles.gzip,
  zcat: smallFiles.gzip,
  head,
  hostname: basic.hostname,
  id: basic.id,
  kill: basic.kill,
  ln: fileChanges.ln,
  ls,
  mkdir: fileChanges.mkdir,
  mktemp: smallFiles.mktemp,
  mv: fileChanges.mv,
  nl: smallText.nl,
  nproc: smallFiles.nproc,
  paste: smallText.paste,
  readlink: smallFiles.readlink,
  realpath: smallFiles.realpath,
  nohup: running.nohup,
  printenv: basic.printenv,
  printf: basic.printf,
  ps: basic.ps,
  pwd: basic.pwd,
  rev: text.rev,
  rm: fileChanges.rm,
  rmdir: fileChanges.rmdir,
  sed,
  seq: basic.seq,
  sleep: basic.sleep,
  sort,
  sync: smallFiles.sync,
  tac: smallText.tac,
  truncate: smallFiles.truncate,
  tty: smallFiles.tty,
  stat: system.stat,
  stty: running.stty,
  tail,
  tar,
  tee,
  test,
  '[': test,
  touch: fileChanges.touch,
  timeout: running.timeout,
  tr: text.tr,
  true: basic.trueProgram,
  uniq: text.uniq,
  wc: text.wc,
  xargs: running.xargs,
  uname: basic.uname,
  which: basic.which,
  whoami: basic.whoami,
  yes: basic.yes,
};

/** What BusyBox has and Debian's slim images have not. */
const BUSYBOX_ONLY: Readonly<Record<string, Program>> = {
  free: system.free,
  hexdump: bytes.hexdump,
  ifconfig: system.ifconfig,
  ip: system.ip,
  netstat: system.netstat,
  nc,
  nslookup,
  ping: system.ping,
  time: running.time,
  uptime: system.uptime,
  killall: processNames.killByName,
  less: cat,
  more: cat,
  pgrep: processNames.pgrep,
  pidof: processNames.pidof,
  pkill: processNames.killByName,
  telnet: system.telnet,
  top: system.top,
  vi: system.vi,
  watch: system.watch,
  wget,
  xxd: bytes.xxd,
};

/** The reverse. */
const DEBIAN_ONLY: Readonly<Record<string, Program>> = { more: cat, openssl };

/** The small tools of an image by absolute path. */
export function userlandPrograms(userland: 'busybox' | 'gnu' | 'none'): [string, Program][] {
  if (userland === 'none') return [];
  const shells: Record<string, Program> =
    userland === 'gnu'
      ? { ...DEBIAN_ONLY, sh: shellProgram('dash'), bash: shellProgram('bash') }
      : { ...BUSYBOX_ONLY, sh: shellProgram('ash'), ash: shellProgram('ash') };
  const folder = userland === 'gnu' ? '/usr/bin' : '/bin';
  return Object.entries({ ...COMMON, ...shells }).map(([name, program]) => [`${folder}/${name}`, program]);
}
