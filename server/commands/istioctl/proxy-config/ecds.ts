import { OUTPUT_FLAG } from '../global-flags.ts';
import type { Command, Invocation } from '../command.ts';
import { renderTable } from '../table.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the extensions that a proxy was told to load. Proxies of Taller load none.',
  examples: ['proxy-config ecds web'],
  flags: [OUTPUT_FLAG, FILE_FLAG],
  run,
};

interface EcdsDump {
  '@type': string;
  ecds_filters?: { ecds_filter?: { name?: string; typed_config?: { '@type'?: string } } }[];
}

/** istioctl/pkg/writer/envoy/configdump/ecds.go */
async function run(invocation: Invocation): Promise<number> {
  const { io } = invocation;
  const output = outputOf(invocation);
  const { configs = [] } = JSON.parse(await readSource(invocation, 'config_dump')) as { configs?: EcdsDump[] };
  const filters = configs.flatMap(({ ecds_filters: own = [] }) => own);
  if (output !== 'short') {
    io.stdout.write(renderObjects(filters.length === 0 ? {} : { ecds_filters: filters }, output));
    return 0;
  }
  const rows = filters.map(({ ecds_filter: { name = '', typed_config: config } = {} }) => [
    name,
    (config?.['@type'] ?? '').replace('type.googleapis.com/', ''),
  ]);
  io.stdout.write(renderTable([['ECDS NAME', 'TYPE'], ...rows]));
  return 0;
}
