import { describe, expect, it } from 'vitest';
import { parseArguments, parseDuration, type FlagSpec } from '../../../../server/commands/kubectl/flags.ts';

const SPECS: FlagSpec[] = [
  { name: 'namespace', short: 'n', type: 'string', usage: '' },
  { name: 'output', short: 'o', type: 'string', usage: '' },
  { name: 'watch', short: 'w', type: 'bool', usage: '' },
  { name: 'all', short: 'A', type: 'bool', usage: '' },
  { name: 'replicas', type: 'int', usage: '' },
  { name: 'timeout', type: 'duration', default: '30s', usage: '' },
  { name: 'literal', type: 'list', usage: '' },
  { name: 'label-columns', short: 'L', type: 'csv', usage: '' },
  { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', usage: '' },
];

const parse = (...words: string[]) => parseArguments(SPECS, words);

describe('parseArguments', () => {
  it.each([
    [['-n', 'x'], 'x'],
    [['-nx'], 'x'],
    [['-n=x'], 'x'],
    [['--namespace', 'x'], 'x'],
    [['--namespace=x'], 'x'],
    [['--namespace='], ''],
    [['-wn', 'x'], 'x'],
    [['-n', 'y', '-n', 'x'], 'x'],
    [['-n', '--watch'], '--watch'],
  ])('reads the namespace of %j', (words, expected) => {
    expect(parse(...words).flags.string('namespace')).toBe(expected);
  });

  it('takes flags anywhere among the arguments', () => {
    const { args, flags } = parse('get', '-w', 'pods', '--all', 'web');

    expect(args).toEqual(['get', 'pods', 'web']);
    expect([flags.bool('watch'), flags.bool('all')]).toEqual([true, true]);
  });

  it('leaves everything behind -- alone and says where it stood', () => {
    const { args, dash, flags } = parse('pod', '--', 'sh', '-w', '--', '-n');

    expect(args).toEqual(['pod', 'sh', '-w', '--', '-n']);
    expect(dash).toBe(1);
    expect(flags.bool('watch')).toBe(false);
  });

  it('combines shorthands', () => {
    const { flags } = parse('-wAo', 'yaml');

    expect([flags.bool('watch'), flags.bool('all'), flags.string('output')]).toEqual([true, true, 'yaml']);
  });

  it('gives a flag that may stand bare a value only behind an equals sign', () => {
    expect(parse('--dry-run', 'client').flags.string('dry-run')).toBe('unchanged');
    expect(parse('--dry-run=client').flags.string('dry-run')).toBe('client');
  });

  it('splits comma lists, but not literals', () => {
    const { flags } = parse('-L', 'a,b', '-L', 'c', '--literal', 'a=1,2', '--literal', 'b=3');

    expect(flags.list('label-columns')).toEqual(['a', 'b', 'c']);
    expect(flags.list('literal')).toEqual(['a=1,2', 'b=3']);
  });

  it.each([
    [['--nosuch'], 'unknown flag: --nosuch'],
    [['--nosuch=1'], 'unknown flag: --nosuch'],
    [['-z'], "unknown shorthand flag: 'z' in -z"],
    [['-wz'], "unknown shorthand flag: 'z' in -z"],
    [['-n'], "flag needs an argument: 'n' in -n"],
    [['--namespace'], 'flag needs an argument: --namespace'],
    [['--=x'], 'bad flag syntax: --=x'],
    [
      ['--replicas=two'],
      'invalid argument "two" for "--replicas" flag: strconv.ParseInt: parsing "two": invalid syntax',
    ],
    [
      ['--watch=maybe'],
      'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['--timeout=5'], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'],
    [['--timeout=soon'], 'invalid argument "soon" for "--timeout" flag: time: invalid duration "soon"'],
  ])('refuses %j in the words of pflag', (words, message) => {
    expect(() => parse(...words)).toThrow(message);
  });
});

describe('parseDuration', () => {
  it.each([
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['-1s', -1000],
    ['0', 0],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });
});
