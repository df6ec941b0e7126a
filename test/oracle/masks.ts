/**
 * What is not compared: everything that differs between two runs against the same real control plane, and the speed
 * of the node. Each mask replaces a value by its name, so that a missing value still shows.
 */
import type { Answer } from './commands.ts';

/** What one replay's own addresses are, to be named as the recordings name them. */
export interface ReplayNames {
  /** As in the kubeconfig, `http://127.0.0.1:41234/k/0123`. */
  serverUrl: string;
  home: string;
  kubeconfig: string;
  temporary: string;
  /** Where the commands run; upstream's recordings name files relative to it. */
  directory: string;
}

/** Names the addresses and paths of a replay as the recordings do. */
export function nameReplay(text: string, names: ReplayNames): string {
  const { host } = new URL(names.serverUrl);
  return text
    .replaceAll(names.serverUrl, 'https://APISERVER')
    .replaceAll(host, 'APISERVER')
    .replaceAll(`${names.directory}/`, '')
    .replaceAll(names.kubeconfig, 'KUBECONFIG')
    .replaceAll(names.temporary, 'TMPDIR')
    .replaceAll(names.home, 'HOME')
    .replace(/\b(LIVE|MERGED)-\d+/g, '$1-NNNN')
    .replace(/kubectl-edit-\d+\.yaml/g, 'kubectl-edit-NNNN.yaml')
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'TOKEN')
    .replace(/^([IWEF]\d{4} [\d:.]+) +\d+ /gm, '$1 PID ');
}

/**
 * @param restarted Deployments whose template holds the time of a restart by now, so that its hash is another each run
 * @returns the answer with everything masked that may differ, to be compared whole
 */
export function maskAnswer(command: string, answer: Answer, restarted: ReadonlySet<string> = NONE): Answer {
  const mask = (text: string) => maskText(command, text, restarted);
  return { stdout: mask(answer.stdout), stderr: mask(answer.stderr), exit: answer.exit };
}

const NONE: ReadonlySet<string> = new Set();

/** The Deployments that a command line restarts, `web` for `kubectl rollout restart deployment/web`. */
export function restartedBy(command: string): string[] {
  return [...command.matchAll(/\brollout restart deployment\/(\S+)/g)].map((match) => match[1] ?? '');
}

export function maskText(command: string, text: string, restarted: ReadonlySet<string> = NONE): string {
  let masked = text;
  for (const [pattern, name] of VALUES) masked = masked.replace(pattern, name);
  for (const name of restarted) {
    masked = masked
      .replace(new RegExp(`\\b${name}-${HASH}\\b`, 'g'), `${name}-HASH`)
      .replace(new RegExp(`pod-template-hash=${HASH}\\b`, 'g'), 'pod-template-hash=HASH');
  }
  // Another patch release, or another build of the same client.
  masked = masked.replace(/(Client Version: v\d+\.\d+)\.\S+/g, '$1.PATCH').replace(CLIENT_VERSION, maskBuild);
  // Columns are as wide as what they hold, and that has just been replaced.
  masked = masked
    .replace(/(\S) {2,}/g, '$1  ')
    .replace(/-{3,}/g, '---')
    .replace(/ +$/gm, '');
  masked = sortEvents(masked);
  if (/\bget events\b|\bkubectl events\b/.test(command)) masked = sortRows(masked);
  if (/\bget (pods?|po|all|pod,\S+)( |$)/.test(command) && !/ -o (json|yaml|go-template|jsonpath)/.test(command)) {
    masked = sortRows(masked);
  }
  // Upstream lists components in the order of a Go map.
  if (/\bget (componentstatuses|cs)\b/.test(command)) masked = sortRows(masked);
  masked = sortSameField(masked);
  if (/\brollout status\b/.test(command)) masked = masked.replace(/^Waiting for .*\n/gm, '');
  if (/ (-w|--watch)\b/.test(command)) masked = uniqueRows(masked);
  return masked;
}

const CLIENT_VERSION = /^clientVersion:\n(?: {2}.*\n)+/m;
const maskBuild = (block: string) =>
  block
    .replace(/^( {2}(?:buildDate|gitCommit|gitTreeState|goVersion): ).*/gm, '$1BUILD')
    .replace(/(gitVersion: v\d+\.\d+)\.\S+/, '$1.PATCH');

const AGE = '(?:\\d+[dhmsy])+|<invalid>|\\d+ms';
// A hash of 32 bits, digit by digit; four digits or fewer do not happen in practice.
const HASH = '[bcdfghjklmnpqrstvwxz2456789]{5,10}';
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]{5}';

const VALUES: readonly (readonly [RegExp, string])[] = [
  // Times: RFC 3339, RFC 1123, those of diff and of client logs.
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, 'TIME'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000/g, 'TIME'],
  // A race within client-go when its own deadline passes: some runs of the same kubectl log it.
  [/^E\d{4} .*Failed to watch.*context deadline exceeded.*\n/gm, ''],
  [/^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +(?:PID|\d+) /gm, '$1LOG PID '],
  // Ages: a cell of its own, `(6s ago)`, `3s (x2 over 5s)`.
  [new RegExp(`(^| {2,}|\\t)(?:${AGE})(?=\\n|$| {2,}| \\(x)`, 'gm'), '$1AGE'],
  [new RegExp(`\\((?:${AGE}) ago\\)`, 'g'), '(AGE ago)'],
  [new RegExp(`\\(x(\\d+) over (?:${AGE})\\)`, 'g'), '(x$1 over AGE)'],
  // Identity and versions of objects.
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID'],
  [/(resourceVersion"?: )"\d+"/g, '$1"N"'],
  [/(resourceVersion\\":\\")\d+/g, '$1N'],
  [/(Resource Version: +)\d+/g, '$1N'],
  [/(X509SHA256=)[0-9a-f]{64}/g, '$1HASH'],
  [/\b(containerd:\/\/)[0-9a-f]{64}/g, '$1ID'],
  [/@sha256:[0-9a-f]{64}/g, '@sha256:ID'],
  // Names with a random end.
  [new RegExp(`(kube-api-access-)${SUFFIX}\\b`, 'g'), '$1RANDOM'],
  [new RegExp(`\\b([a-z][a-z0-9-]*-)${SUFFIX}(?=[^\\w-]|$)`, 'gm'), '$1RANDOM'],
  [/\b([a-z][a-z0-9-]*\.)[0-9a-f]{16}\b/g, '$1RANDOM'],
  // Addresses.
  [/\b10\.96\.\d+\.\d+\b/g, 'CLUSTER-IP'],
  [/\b10\.244\.\d+\.\d+(?!\/)\b/g, 'POD-IP'],
  [/\b(nodePort"?: |NodePort: +\S+ +|\d+:)3[0-2]\d{3}\b/g, '$1NODEPORT'],
];

/** Events of one second come in any order. */
function sortEvents(text: string): string {
  return text.replace(/^( *)(Events:\n\1? *Type .*\n.*---.*\n)((?:\1 +\S.*\n?)+)/gm, (_all, indent, head, rows) => {
    const sorted = (rows as string).trimEnd().split('\n').sort().join('\n');
    return `${indent}${head}${sorted}${(rows as string).endsWith('\n') ? '\n' : ''}`;
  });
}

/** Errors of one field are those of a Go map: the two recordings have them in different orders. */
function sortSameField(text: string): string {
  const lines = text.split('\n');
  const fieldOf = (line: string | undefined) => /^\* ([^:]+): /.exec(line ?? '')?.[1];
  for (let start = 0; start < lines.length; start += 1) {
    const field = fieldOf(lines[start]);
    if (field === undefined) continue;
    let end = start + 1;
    while (fieldOf(lines[end]) === field) end += 1;
    lines.splice(start, end - start, ...lines.slice(start, end).toSorted());
    start = end - 1;
  }
  return lines.join('\n');
}

/** Rows below a heading line, each table of the text apart. */
function sortRows(text: string): string {
  return text
    .split('\n\n')
    .map((table) => {
      const ending = table.endsWith('\n') ? '\n' : '';
      const rows = table.slice(0, table.length - ending.length).split('\n');
      const head = /^[A-Z][A-Z ()-]+$/.test(rows[0] ?? '') ? rows.splice(0, 1) : [];
      return [...head, ...rows.sort()].join('\n') + ending;
    })
    .join('\n\n');
}

/** How often a watch reports is a matter of speed. */
function uniqueRows(text: string): string {
  const rows = text.split('\n').filter((row) => row !== '');
  return [...new Set(rows)].sort().join('\n');
}
