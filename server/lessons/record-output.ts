import { compareOutput } from './match/compare-output.ts';
import { findHole, HOLE_NAMES } from './match/holes.ts';
import { normaliseOutput } from './match/normalise-output.ts';
import { nearest } from './nearest.ts';

/** Tells the same command's output in two runs apart: what differs by nature becomes a typed hole. */
const ALWAYS: readonly [RegExp, string][] = [
  [/(?<=[a-z0-9]-)[456789bcdf]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '<rs>-<id>'],
  // Moments as HTTP and `date` write them, then as certificates and `ls` do.
  [
    /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d{1,2} [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{2} [ \d]\d) \d\d:\d\d:\d\d(?: [AP]M)?(?: [A-Z]{3,4})?(?: \d{4})?/g,
    '<*>',
  ],
  [
    /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d(?::\d\d(?: \d{4})?(?: GMT)?)?(?![\d:])/g,
    '<*>',
  ],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[-+]\d\d:?\d\d)/g, '<time>'],
  [/(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])/g, '<date>'],
  [/(?<![\w:])\d\d:\d\d:\d\d(?![\w:])/g, '<time>'],
  [/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g, '<ip>'],
];
/** Forms that a whole word may have in both runs, the narrowest first. */
const FORMS: readonly [RegExp, string][] = [
  [/^(?:\d+[smhdy]|\d+m\d+s|\d+h\d+m|\d+d\d+h|\d+y\d+d)$/, '<age>'],
  [/^-?(?:0|[1-9]\d*)$/, '<int>'],
  [/^-?\d+\.\d+$/, '<num>'],
  [/^\d\d:\d\d(?::\d\d)?$/, '<time>'],
  [/^\d{4}-\d\d-\d\d$/, '<date>'],
  [/^v?\d+(?:\.\d+){1,3}\S*$/, '<ver>'],
];
const AGE = FORMS[0]![0];

/**
 * What the author would write below a command: its output, with holes where two runs differ or always would.
 * @param first what it printed in one session, `second` in another
 * @returns lines in the notation of output fences, joined; empty when nothing is printed
 */
export function recordOutput(first: string, second: string): string {
  const runs = [first, second].map((output) => elideProgress(normaliseOutput(output).map(escapeLine))) as [
    string[],
    string[],
  ];
  const lines: string[] = [];
  for (const [left, right] of align(...runs)) {
    const both = left !== undefined && right !== undefined;
    if (both && left !== '...') lines.push(mergeLines(left, right));
    else if (lines.at(-1) !== '...') lines.push('...');
  }
  const text = lines.join('\n');
  for (const output of [first, second]) {
    if (!compareOutput([{ text, mode: 'in-order' }], output).ok)
      throw new Error(`recorded output does not match itself:\n${text}`);
  }
  return text;
}

/** `kubectl rollout status` says how far it is, if it has to wait at all: in the next run it may not, or say more. */
function elideProgress(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    if (/^Waiting for .+\.\.\.$/.test(line)) return ['...'];
    return line.endsWith(' successfully rolled out') ? ['...', line] : [line];
  });
}

/** What the notation would take for its own signs is text here. */
function escapeLine(line: string): string {
  const escaped = line.replaceAll(/<([^<>\s][^<>]{0,39})>/g, (text, inner: string) => {
    const looksLikeHole = findHole(inner) !== null || nearest(inner.split(' ')[0]!, HOLE_NAMES) !== undefined;
    return looksLikeHole ? `\\${text}` : text;
  });
  return /^\s*(?:\.\.\.\s*$|re2:)/.test(escaped) ? escaped.replace(/^\s*/, '$&\\') : escaped;
}

function mergeLines(left: string, right: string): string {
  const masked = [mask(left), mask(right)] as [string, string];
  const words = masked.map((line) => line.split(/( +)/)) as [string[], string[]];
  return words[0]
    .map((word, index) => (word.startsWith(' ') ? word : mergeWords(word, words[1][index] ?? '')))
    .join('');
}

function mergeWords(left: string, right: string): string {
  if (AGE.test(left) && AGE.test(right)) return '<age>';
  if (left === right) return left;
  const form = FORMS.find(([expression]) => expression.test(left) && expression.test(right));
  return form?.[1] ?? '<word>';
}

function mask(line: string): string {
  return ALWAYS.reduce((text, [expression, hole]) => text.replaceAll(expression, hole), line);
}

/** As many words in the same places: a line of one run that stands for one of the other. */
function isAlike(left: string, right: string): boolean {
  const words = [left, right].map((line) => mask(line).split(/ +/)) as [string[], string[]];
  if (words[0].length !== words[1].length) return false;
  const same = words[0].filter(
    (word, index) => word === words[1][index] || mergeWords(word, words[1][index] ?? '') !== '<word>',
  );
  return same.length * 2 >= words[0].length;
}

/** The longest common sequence of lines that are alike; others stand alone. */
function align(left: readonly string[], right: readonly string[]): [string | undefined, string | undefined][] {
  const width = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] = isAlike(left[i]!, right[j]!)
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const pairs: [string | undefined, string | undefined][] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length;) {
    if (i < left.length && j < right.length && isAlike(left[i]!, right[j]!)) pairs.push([left[i++], right[j++]]);
    else if (j >= right.length || (i < left.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) {
      pairs.push([left[i++], undefined]);
    } else pairs.push([undefined, right[j++]]);
  }
  return pairs;
}
