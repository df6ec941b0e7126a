import { basename, dirname, join, normalize } from 'node:path/posix';
import { didYouMean } from '../nearest.ts';
import type { LessonMaterial } from './lesson-material.ts';
import type { ShellCommand, ShellWord } from './shell-commands.ts';

const CLIENTS = ['kubectl', 'oc', 'istioctl'];
const FILE_VERBS = [
  'apply',
  'create',
  'delete',
  'replace',
  'diff',
  'get',
  'describe',
  'patch',
  'analyze',
  'kube-inject',
];
/** Programs that read the files they are given and make none. */
const READERS = ['cat', 'less', 'more', 'head', 'tail', 'grep', 'wc', 'diff', 'nl', 'sort'];
const FILE_OPTION = /^(?:-f|--filename|-k|--kustomize|--from-file|--from-env-file)(?:=(.+))?$|^-[fk](.+)$/;
const FILE_NAME = /\.(?:ya?ml|json|txt|sh|conf|crt|pem|key)$/;

/** The files that a command reads, as far as they are spelt out. */
export function filesReadBy({ words }: ShellCommand): string[] {
  const plain = words.map((word) => (word.plain ? word.text : ''));
  const [program = '', ...rest] = plain;
  const end = rest.indexOf('--');
  const args = end === -1 ? rest : rest.slice(0, end);
  if (CLIENTS.includes(program)) {
    return args.some((word) => FILE_VERBS.includes(word)) ? optionFiles(args) : [];
  }
  return READERS.includes(program) ? args.filter((word) => FILE_NAME.test(word) && !word.startsWith('-')) : [];
}

function optionFiles(args: readonly string[]): string[] {
  return args.flatMap((word, index) => {
    const option = FILE_OPTION.exec(word);
    const value = option === null ? '' : (option[1] ?? option[2] ?? args[index + 1] ?? '');
    // `--from-file=KEY=FILE`
    const files = word.startsWith('--from-file') ? value.replace(/^[^=]*=/, '') : value;
    return files.split(',').filter((file) => file !== '' && file !== '-');
  });
}

/**
 * What is wrong with a file that a command reads; null when it may well be there.
 * @param commands all of the lesson's: one of them may have made it
 * @param bundled whether an address is looked for in the lesson alone, as our own tools do
 */
export function explainMissing(
  file: string,
  material: LessonMaterial,
  commands: readonly ShellCommand[],
  bundled: boolean,
): string | null {
  if (/^https?:/.test(file)) {
    if (!bundled || material.addresses.includes(file.replace(/^http:/, 'https:'))) return null;
    const path = `urls/${file.replace(/^https?:\/\//, '')}`;
    const near = didYouMean(file, material.addresses);
    return `the lesson does not bring "${file}" along, and its cluster has no other way to the web.${near || ` Add ${path}.`}`;
  }
  if (/^[/~]|\.\./.test(file) || isMade(file, commands)) return null;
  const path = normalize(file).replace(/\/$/, '');
  if (path === '.' || material.files.includes(path)) return null;
  // After `cd` it is another path.
  const moves = commands.some(({ words }) => ['cd', 'pushd'].includes(words[0]?.text ?? ''));
  if (moves && material.files.some((known) => known.endsWith(`/${path}`))) return null;
  const near = didYouMean(path, material.files);
  return `the learner's home has no "${file}".${near || ` Add it as ${join('files', path)}.`}`;
}

/** Whether some command may have written the file, or the folder that it is in. */
function isMade(file: string, commands: readonly ShellCommand[]): boolean {
  const names = [file, dirname(file)].map((path) => normalize(path)).filter((path) => path !== '.');
  const isIt = ({ text, plain }: ShellWord): boolean => !plain || names.includes(normalize(text).replace(/\/$/, ''));
  return commands.some(({ words, writes }) => {
    if (writes.some(isIt)) return true;
    const [program, ...args] = words;
    const makes = ![...CLIENTS, ...READERS].includes(program?.text ?? '');
    // Also of an address, as `curl -O` does.
    const isNamed = ({ text }: ShellWord): boolean =>
      names.includes(normalize(text)) || basename(text) === basename(file);
    return (makes && args.some(isNamed)) || unpacks(program?.text ?? '');
  });
}

/** What comes of these has names that stand nowhere. */
function unpacks(program: string): boolean {
  return ['tar', 'unzip', 'git', 'wget', 'split', 'csplit'].includes(program);
}
