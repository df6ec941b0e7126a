import { CommandError } from '../../kubectl/errors.ts';
import type { Command, Invocation } from '../command.ts';
import { askEnvoy, parseDump } from '../envoy.ts';
import { printUsage } from '../help.ts';
import { inferPod, type PodName } from '../pods.ts';

export const command: Command = {
  usage: '[pod/]<name-1>[.<namespace-1>] [pod/]<name-2>[.<namespace-2>]',
  long: 'Says whether the proxies of two pods trust the same root, without which they cannot speak mutual TLS.',
  examples: ['proxy-config rootca-compare web-1 web-2.other'],
  run,
};

/** istioctl/pkg/proxyconfig/proxyconfig.go, rootCACompareConfigCmd. */
async function run(invocation: Invocation): Promise<number> {
  const { args, io } = invocation;
  const [first, second] = args;
  if (first === undefined || second === undefined || args.length > 2) {
    printUsage(invocation);
    throw new CommandError('rootca-compare requires 2 pods as an argument');
  }
  const pods = [await inferPod(invocation, first), await inferPod(invocation, second)];
  const [left, right] = await Promise.all(pods.map((pod) => rootOf(invocation, pod)));
  const [a = '', b = ''] = pods.map(({ name, namespace }) => `[${name}.${namespace}]`);
  const isSame = left === right;
  const told = `Both ${a} and ${b} have the ${isSame ? '' : 'non '}identical ROOTCA, theoretically the connectivity between them is ${isSame ? 'available' : 'unavailable'}`;
  if (!isSame) throw new CommandError(told);
  io.stderr.write(`${told}\n`);
  return 0;
}

async function rootOf({ session }: Invocation, pod: PodName): Promise<string> {
  const { secrets } = parseDump(await askEnvoy(session, pod, 'GET', 'config_dump'));
  const root = secrets.find(({ name }) => name === 'ROOTCA')?.secret?.validation_context?.trusted_ca?.inline_bytes;
  if (root === undefined) throw new CommandError('cannot find ROOTCA from secret');
  return root;
}
