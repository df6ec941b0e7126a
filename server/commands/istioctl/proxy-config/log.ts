import { CommandError } from '../../kubectl/errors.ts';
import type { Command, Invocation } from '../command.ts';
import { askEnvoy } from '../envoy.ts';
import { printUsage } from '../help.ts';
import { inferPod, type PodName } from '../pods.ts';
import { listObjects } from '../resources.ts';

export const command: Command = {
  usage: '<pod-name[.namespace]>',
  long:
    'Prints the log levels of a proxy, or changes them. The levels are kept; nothing more is logged in Taller,\n' +
    'because the proxies are simulated.',
  examples: ['proxy-config log web', 'proxy-config log web --level rbac:debug,jwt:debug', 'proxy-config log web -r'],
  flags: [
    { name: 'level', type: 'string', usage: 'New level of all loggers, or of some as LOGGER:LEVEL,…' },
    { name: 'reset', short: 'r', type: 'bool', usage: 'Back to warning' },
    { name: 'selector', short: 'l', type: 'string', usage: 'Of all pods with these labels' },
  ],
  run,
};

const LEVELS = ['none', 'off', 'critical', 'error', 'warning', 'warn', 'info', 'debug', 'trace'];

/** istioctl/pkg/proxyconfig/proxyconfig.go, logCmd. */
async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session, release } = invocation;
  const [word] = args;
  const selector = flags.string('selector');
  if (word === undefined && selector === '') {
    printUsage(invocation);
    throw new CommandError(release.minor < 10 ? 'log requires pod name' : 'log requires pod name or --selector');
  }
  if (flags.bool('reset') && flags.changed('level')) {
    printUsage(invocation);
    throw new CommandError('--level cannot be combined with --reset');
  }
  const wanted = flags.bool('reset') ? 'warning' : flags.string('level');
  const path = `logging${wanted === '' ? '' : `?${queryOf(wanted)}`}`;
  for (const pod of await podsOf(invocation, word, selector)) {
    const answer = await askEnvoy(session, pod, 'POST', path);
    io.stdout.write(release.minor >= 10 ? `${pod.name}.${pod.namespace}:\n${answer}` : answer);
  }
  return 0;
}

async function podsOf(invocation: Invocation, word: string | undefined, selector: string): Promise<PodName[]> {
  if (word !== undefined) return [await inferPod(invocation, word)];
  const { name: namespace } = await invocation.session.namespace();
  const pods = await listObjects(invocation.session, 'pods', namespace, selector);
  if (pods.length === 0) throw new CommandError('no pods found');
  return pods.map(({ metadata }) => ({ name: metadata.name, namespace }));
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
