import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { findTargets } from '../targets.ts';
import { podSpecOf, SET_FLAGS, setEach, splitWords } from './pod-spec.ts';

export const image: Command = {
  usage: '(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  long: 'Sets the image of containers; * stands for all of them.',
  examples: [['A new version', 'set image deployment/web web=nginx:1.28']],
  flags: SET_FLAGS,
  async run(invocation) {
    const [words, pairs] = splitWords(invocation.args, (word) => word.includes('='));
    if (words.length === 0 && invocation.flags.list('filename').length === 0) {
      throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    }
    if (pairs.length === 0) {
      await findTargets(invocation, { words });
      throw new CommandError('at least one image update is required');
    }
    const images = new Map(
      pairs.map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    if (images.has('*') && images.size > 1)
      throw new CommandError(
        'all containers are already specified by *, but saw more than one container_name=container_image pairs',
      );
    await setEach(invocation, words, 'image updated', (object) => {
      const spec = podSpecOf(object);
      const all = [...spec.containers, ...spec.initContainers];
      for (const name of images.keys()) {
        if (name !== '*' && !all.some((container) => container.name === name)) {
          throw new CommandError(`unable to find container named ${JSON.stringify(name)}`);
        }
      }
      const change = (container: (typeof all)[number]) => {
        const next = images.get(container.name) ?? images.get('*');
        return next === undefined ? container : { ...container, image: next };
      };
      return spec.with(spec.containers.map(change), spec.initContainers.map(change));
    });
    return 0;
  },
};
