import { readdirSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { CommandError } from '../../kubectl/errors.ts';
import { renderYaml } from '../../kubectl/output/yaml.ts';
import type { Command, Invocation } from '../command.ts';
import { DataError, FoundIssues, ParseError } from '../errors.ts';
import { readDocuments, type Document } from '../manifest-text.ts';
import { findObject } from '../resources.ts';
import { findProblem } from '../validate/check.ts';
import { ANALYZERS } from './analyzers.ts';
import { isTold } from './codes.ts';
import {
  fullName,
  levelIn,
  LEVELS,
  levelWord,
  renderFinding,
  sortFindings,
  type Finding,
  type Level,
} from './finding.ts';
import { takeSnapshot } from './snapshot.ts';

export const command: Command = {
  usage: '<file>...',
  long:
    'Looks for mistakes in the configuration of the cluster, and in what it would be with the given files applied.\n' +
    'Ends with status 79 when something is as bad as an error.',
  examples: ['analyze', 'analyze a.yaml my-app-config/', 'analyze -S "IST0103=Pod *.testing"', 'analyze -L'],
  flags: [
    { name: 'all-namespaces', short: 'A', type: 'bool', usage: 'Look at all namespaces' },
    { name: 'color', type: 'bool', default: '', usage: 'Color levels; default true on a terminal' },
    {
      name: 'failure-threshold',
      type: 'string',
      usage: 'From which level on the exit status is not 0: Info, Warning or Error; default Error, up to 1.7 Warning',
    },
    { name: 'ignore-unknown', type: 'bool', usage: 'Pass over files that cannot be read' },
    { name: 'list-analyzers', short: 'L', type: 'bool', usage: 'List what is looked for, and do nothing else' },
    { name: 'meshConfigFile', type: 'string', usage: 'Accepted; the settings of the mesh are fixed', hidden: true },
    { name: 'output', short: 'o', type: 'string', default: 'log', usage: 'Output format: one of log|json|yaml' },
    { name: 'output-threshold', type: 'string', usage: 'From which level on findings are printed; default Info' },
    { name: 'recursive', short: 'R', type: 'bool', usage: 'Also read the folders below a folder' },
    { name: 'revision', type: 'string', usage: 'Accepted; there is one revision', hidden: true },
    {
      name: 'suppress',
      short: 'S',
      type: 'list',
      usage: 'Leave out CODE=KIND NAME.NAMESPACE, where * stands for anything; may be repeated',
    },
    { name: 'timeout', type: 'duration', default: '30s', usage: 'Accepted; the analysis takes no such time' },
    { name: 'use-kube', short: 'k', type: 'bool', default: '', usage: 'Look at the cluster; default true from 1.5 on' },
    { name: 'verbose', short: 'v', type: 'bool', usage: 'Say what was looked for' },
  ],
  run,
};

const EXTENSIONS = ['.json', '.yaml', '.yml'];

/** istioctl/pkg/analyze/analyze.go */
async function run(invocation: Invocation): Promise<number> {
  const { flags, io, release, session } = invocation;
  const output = flags.string('output').toLowerCase();
  if (!['log', 'json', 'yaml'].includes(output)) {
    throw new ParseError(`${output} not a valid option for format. See istioctl analyze --help`);
  }
  const analyzers = ANALYZERS.filter(({ since }) => release.minor >= since);
  if (flags.bool('list-analyzers')) {
    for (const { name, description } of analyzers) io.stdout.write(`* ${name}:\n    ${description}\n`);
    return 0;
  }
  const failAt = readLevel(invocation, 'failure-threshold', release.minor < 8 ? 'Warning' : 'Error');
  const showFrom = readLevel(invocation, 'output-threshold', 'Info');
  const suppressions = readSuppressions(invocation);
  const useCluster = flags.changed('use-kube') ? flags.bool('use-kube') : release.minor >= 5;
  const { name: own } = useCluster ? await session.namespace() : { name: flags.string('namespace') || 'default' };
  const everywhere = flags.bool('all-namespaces');
  if (useCluster && !everywhere && (await findObject(session, 'namespaces', '', own)) === undefined) {
    io.stderr.write(`namespace ${JSON.stringify(own)} not found\n`);
    return 0;
  }
  const { documents, files, unreadable } = await readFiles(invocation);
  const snapshot = await takeSnapshot(invocation, documents, own, useCluster);
  const found = analyzers
    .flatMap((analyzer) => analyzer.run(snapshot))
    .filter(({ code }) => isTold(code, release.minor));
  if (useCluster) found.push(...(await schemaFindings(invocation, documents, own)));
  const wanted = sortFindings(found.map((finding) => ({ ...finding, level: levelIn(release, finding) })))
    .filter(({ object }) => everywhere || namespaceOf(object) === own)
    .filter((finding) => !suppressions.some((matches) => matches(finding)));
  const shown = wanted.filter(({ level }) => LEVELS.indexOf(level) <= LEVELS.indexOf(showFrom));
  const target = everywhere ? 'all namespaces' : `namespace: ${own}`;
  if (flags.bool('verbose')) {
    io.stderr.write(`Analyzed resources in ${target}\nExecuted analyzers:\n`);
    for (const { name } of analyzers) io.stderr.write(`\t ${name}\n`);
    io.stderr.write('\n');
  }
  print(invocation, shown, documents, output);
  if (shown.length === 0) sayClean(invocation, files.length > 0 ? files.join('\n') : target, unreadable, target);
  if (output !== 'log') return 0;
  if (wanted.some(({ level }) => LEVELS.indexOf(level) <= LEVELS.indexOf(failAt))) {
    const when = release.minor < 6 ? '' : ` when analyzing ${target}`;
    const docs = release.minor >= 10 ? `https://istio.io/v1.${release.minor}/docs` : 'https://istio.io/docs';
    throw new FoundIssues(
      `Analyzers found issues${when}.\nSee ${docs}/reference/config/analysis for more information about causes and resolutions.`,
    );
  }
  if (unreadable > 0 && !flags.bool('ignore-unknown')) throw new DataError("Some files couldn't be parsed.");
  return 0;
}

/** A namespace is in itself. */
function namespaceOf({ kind, metadata }: Finding['object']): string {
  return kind === 'Namespace' ? metadata.name : (metadata.namespace ?? '');
}

function readLevel({ flags, release }: Invocation, flag: string, otherwise: Level): Level {
  const word = flags.string(flag) || otherwise;
  const level = LEVELS.find((each) =>
    [each, levelWord(each, release)].some((name) => name.toLowerCase() === word.toLowerCase()),
  );
  if (level !== undefined) return level;
  throw new ParseError(
    `invalid argument ${JSON.stringify(word)} for "--${flag}" flag: ${JSON.stringify(word)} not a valid option, please choose from: [Info Warning Error]`,
  );
}

function readSuppressions({ flags, io }: Invocation): ((finding: Finding) => boolean)[] {
  return flags.list('suppress').map((text) => {
    const parts = text.split('=');
    const [code = '', name = ''] = parts;
    if (parts.length !== 2) {
      throw new CommandError(`${text} is not a valid suppression value. See istioctl analyze --help`);
    }
    if (!/^IST0\d{3}$/.test(code)) {
      io.stderr.write(
        `Warning: Supplied message code '${code}' is an unknown message code and will not have any effect.\n`,
      );
    }
    const pattern = new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
    return ({ code: own, object }) => {
      const { name: objectName, namespace } = object.metadata;
      const full = namespace === undefined ? objectName : `${objectName}.${namespace}`;
      return own === code && pattern.test(`${object.kind ?? ''} ${full}`);
    };
  });
}

async function readFiles({ args, io, flags }: Invocation): Promise<{
  documents: Document[];
  files: string[];
  unreadable: number;
}> {
  const files = args.flatMap((word) => (word === '-' ? [word] : expand(word, flags.bool('recursive'))));
  const documents: Document[] = [];
  let unreadable = 0;
  for (const file of files) {
    try {
      documents.push(...(await readDocuments(file, io)));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      io.stderr.write(`Error(s) adding files: ${error.message}\n`);
      unreadable += 1;
    }
  }
  return { documents, files, unreadable };

  function expand(word: string, recursive: boolean): string[] {
    const stat = statSync(resolve(io.cwd, word), { throwIfNoEntry: false });
    if (stat === undefined) throw new CommandError(`stat ${word}: no such file or directory`);
    if (!stat.isDirectory()) return isWanted(word) ? [word] : [];
    return readdirSync(resolve(io.cwd, word), { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const inner = join(word, entry.name);
        if (entry.isDirectory()) return recursive ? expand(inner, true) : [];
        return isWanted(inner) ? [inner] : [];
      });
  }

  function isWanted(file: string): boolean {
    if (EXTENSIONS.includes(extname(file))) return true;
    io.stderr.write(`Skipping file ${file}, recognized file extensions are: [${EXTENSIONS.join(' ')}]\n`);
    return false;
  }
}

/** What the cluster would refuse. Objects that are stored were not. */
async function schemaFindings(
  { session }: Invocation,
  documents: readonly Document[],
  namespace: string,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { object } of documents) {
    if (object === null) continue;
    const problem = await findProblem(session, object);
    if (problem === null) continue;
    const placed = { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } };
    findings.push({ level: 'Error', code: 'IST0106', object: placed, text: `Schema validation error: ${problem}` });
  }
  return findings;
}

function print(
  { io, release, flags }: Invocation,
  findings: readonly Finding[],
  documents: readonly Document[],
  output: string,
): void {
  const sourceOf = ({ object }: Finding): string | null => {
    const document = documents.find(
      ({ object: own }) =>
        own?.kind === object.kind &&
        own?.metadata.name === object.metadata.name &&
        (own?.metadata.namespace ?? object.metadata.namespace) === object.metadata.namespace,
    );
    return document === undefined ? null : `${document.file}:${document.line}`;
  };
  if (output === 'log') {
    const colored = flags.changed('color')
      ? flags.bool('color')
      : io.stdout.isTTY === true && io.env.TERM !== 'dumb' && io.env.TERM !== undefined;
    const lines = findings.map((finding) => renderFinding(finding, sourceOf(finding), release, colored));
    // Newer releases end the list, also an empty one, with a newline of its own.
    if (lines.length > 0 || release.minor >= 7) io.stdout.write(`${lines.join('\n')}\n`);
    return;
  }
  const values = findings.map((finding) => ({
    code: finding.code,
    documentationUrl: `https://istio.io/v1.${release.minor}/docs/reference/config/analysis/${finding.code.toLowerCase()}/?ref=istioctl-analyze`,
    level: levelWord(finding.level, release),
    message: finding.text,
    origin: `${finding.object.kind ?? ''} ${fullName(finding.object)}`,
    ...(sourceOf(finding) === null ? {} : { reference: sourceOf(finding) }),
  }));
  io.stdout.write(output === 'json' ? `${JSON.stringify(values, null, '\t')}\n` : renderYaml(values));
}

function sayClean({ io, release }: Invocation, what: string, unreadable: number, target: string): void {
  if (unreadable > 0) {
    const parsed = `${unreadable} ${unreadable === 1 ? 'file' : 'files'} could not be parsed`;
    io.stderr.write(`No validation issues found when analyzing ${target} (but ${parsed}).\n`);
  } else if (release.minor < 5) io.stderr.write('✔ No validation issues found.\n');
  else io.stderr.write(`✔ No validation issues found when analyzing ${what}.\n`);
}
