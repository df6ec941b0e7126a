import { CommandError } from '../../kubectl/errors.ts';
import type { Command, Invocation } from '../command.ts';
import { askEnvoy } from '../envoy.ts';
import { inferPod } from '../pods.ts';

export const command: Command = {
  usage: '<pod-name[.namespace]>',
  long:
    'Prints the log levels of a proxy, or changes them. The levels are kept; nothing more is logged in Taller,\n' +
    'because the proxies are simulated.',
  examples: ['proxy-config log web', 'proxy-config log web --level rbac:debug,jwt:debug', 'proxy-config log web -r'],
  flags: [
    { name: 'level', type: 'string', usage: 'New level of all loggers, or of some as LOGGER:LEVEL,…' },
    { name: 'reset', short: 'r', type: 'bool', usage: 'Back to warning' },
  ],
  run,
};

const LEVELS = ['none', 'off', 'critical', 'error', 'warning', 'warn', 'info', 'debug', 'trace'];

/** istioctl/pkg/proxyconfig/proxyconfig.go, logCmd. */
async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session, release } = invocation;
  const [word] = args;
  if (word === undefined) throw new CommandError('log requires pod name');
  if (flags.bool('reset') && flags.changed('level')) {
    throw new CommandError('--level cannot be combined with --reset');
  }
  const pod = await inferPod(invocation, word);
  const wanted = flags.bool('reset') ? 'warning' : flags.string('level');
  const path = `logging${wanted === '' ? '' : `?${queryOf(wanted)}`}`;
  const answer = await askEnvoy(session, pod, 'POST', path);
  io.stdout.write(release.minor >= 10 ? `${pod.name}.${pod.namespace}:\n${answer}` : answer);
  return 0;
}

function queryOf(wanted: string): string {
  const pairs = wanted.split(',').map((part) => part.split(':'));
  for (const [name = '', level = name] of pairs) {
    if (!LEVELS.includes(level)) throw new CommandError(`unrecognized logging level: ${level}`);
  }
  const translate = (level: string): string => (level === 'none' ? 'off' : level === 'warn' ? 'warning' : level);
  const [first] = pairs;
  if (pairs.length === 1 && first?.length === 1) return `level=${translate(first[0] ?? '')}`;
  return `paths=${pairs.map(([name = '', level = '']) => `${name}:${translate(level)}`).join(',')}`;
}
