import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';
import { containerOf } from './image.ts';

export const deployment: Command = {
  usage: 'NAME --image=image -- [COMMAND] [args...]',
  examples: [
    ['Three replicas of an image', 'create deployment web --image=nginx --replicas=3'],
    ['With a command of its own', 'create deployment idle --image=busybox -- sleep 3600'],
  ],
  flags: [
    ...CREATE_FLAGS,
    { name: 'image', type: 'csv', required: true, usage: 'Image to run; several for several containers.' },
    { name: 'port', type: 'int', default: '-1', usage: 'Port that the container listens on.' },
    { name: 'replicas', short: 'r', type: 'int', default: '1', usage: 'Number of pods.' },
  ],
  async run(invocation) {
    const { flags, args, dash } = invocation;
    const name = nameArgument(invocation);
    const command = dash < 0 ? [] : args.slice(dash);
    const images = flags.list('image');
    if (images.length > 1 && command.length > 0)
      throw new CommandError('cannot specify multiple --image options and command');
    if (flags.int('replicas') < 0) throw new CommandError('invalid value for --replicas, must be non-negative');
    const containers = images.map((image) => ({
      ...containerOf(image),
      ...(command.length > 0 ? { command } : {}),
      ...(flags.int('port') > 0 ? { ports: [{ containerPort: flags.int('port') }] } : {}),
      resources: {},
    }));
    const labels = { app: name };
    const object = {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name, labels },
      spec: {
        replicas: flags.int('replicas'),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
        strategy: {},
      },
      status: {},
    };
    await createFromFlags(
      invocation,
      { group: 'apps', version: 'v1', name: 'deployments', namespaced: true },
      object,
      'failed to create deployment: ',
    );
    return 0;
  },
};
