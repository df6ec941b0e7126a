import { apiVersion } from '../api/resource.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: '',
  long: 'Lists the API versions that the server has.',
  async run({ io, session }) {
    const discovery = await session.discovery();
    discovery.forget();
    const versions = new Set((await discovery.all()).map(apiVersion));
    io.stdout.write(
      [...versions]
        .sort()
        .map((version) => `${version}\n`)
        .join(''),
    );
    return 0;
  },
};
