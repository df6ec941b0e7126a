import { CommandError } from '../../kubectl/errors.ts';
import type { Command } from '../command.ts';
import { renderHelp } from '../help.ts';

const IGNORE_FLAG = { name: 'ignoreUnmeshed', type: 'bool', usage: 'Do not warn of pods without a sidecar' } as const;

const pod: Command = {
  usage: '<pod>',
  long: 'Says which services, DestinationRules, VirtualServices and policies affect a pod.',
  examples: ['experimental describe pod productpage-v1-c7765c886-7zzd4'],
  flags: [IGNORE_FLAG],
  run: async (invocation) => (await import('./pod.ts')).describePod(invocation),
};

const service: Command = {
  usage: '<svc>',
  long: 'Says which DestinationRules, VirtualServices and policies affect a service.',
  examples: ['experimental describe service productpage'],
  flags: [IGNORE_FLAG],
  run: async (invocation) => (await import('./service.ts')).describeService(invocation),
};

/** `istioctl experimental describe` */
export const command: Command = {
  usage: '',
  long: 'Says what of Istio affects a pod or a service.',
  subcommands: [
    { name: 'pod', aliases: ['po'], short: 'Say what affects a pod', load: () => Promise.resolve(pod) },
    { name: 'service', aliases: ['svc'], short: 'Say what affects a service', load: () => Promise.resolve(service) },
  ],
  run(invocation) {
    const [word] = invocation.args;
    if (word !== undefined) return Promise.reject(new CommandError(`unknown resource type ${JSON.stringify(word)}`));
    const entry = { name: 'describe', short: '', aliases: ['des'] };
    invocation.io.stdout.write(renderHelp({ ...invocation, entry, rest: [] }, invocation.release));
    return Promise.resolve(0);
  },
};
