import type { Command } from '../command.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

export const cronJob: Command = {
  usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]",
  examples: [['Every five minutes', "create cronjob tick --image=busybox --schedule='*/5 * * * *' -- date"]],
  flags: [
    ...CREATE_FLAGS,
    { name: 'image', type: 'string', required: true, usage: 'Image to run.' },
    { name: 'restart', type: 'string', usage: 'OnFailure or Never; OnFailure when left out.' },
    { name: 'schedule', type: 'string', required: true, usage: 'When to run, in the format of cron.' },
  ],
  async run(invocation) {
    const { flags, args, dash } = invocation;
    const name = nameArgument(invocation);
    const command = dash < 0 ? [] : args.slice(dash);
    const container = {
      name,
      image: flags.string('image'),
      ...(command.length > 0 ? { command } : {}),
      resources: {},
    };
    const restartPolicy = flags.string('restart') || 'OnFailure';
    const template = { metadata: {}, spec: { containers: [container], restartPolicy } };
    const object = {
      kind: 'CronJob',
      apiVersion: 'batch/v1',
      metadata: { name },
      spec: { schedule: flags.string('schedule'), jobTemplate: { metadata: { name }, spec: { template } } },
      status: {},
    };
    await createFromFlags(
      invocation,
      { group: 'batch', version: 'v1', name: 'cronjobs', namespaced: true },
      object,
      'failed to create cronjob: ',
    );
    return 0;
  },
};
