import { alignColumns } from '../../kubectl/output/tabwriter.ts';
import type { Command, Invocation } from '../command.ts';
import { parseDump } from '../envoy.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints what a proxy knew before the control plane told it anything.',
  examples: ['proxy-config bootstrap web'],
  flags: [{ name: 'output', short: 'o', type: 'string', default: 'json', usage: 'One of json|yaml|short' }, FILE_FLAG],
  async run(invocation: Invocation): Promise<number> {
    const output = outputOf(invocation);
    const { bootstrap } = parseDump(await readSource(invocation, 'config_dump'));
    invocation.io.stdout.write(
      output === 'short' ? summarizeBootstrap(bootstrap) : renderObjects({ bootstrap }, output),
    );
    return 0;
  },
};

/** Istio's version alone: proxies here tell no build of Envoy. */
export function summarizeBootstrap(bootstrap: unknown): string {
  const { node } = (bootstrap ?? {}) as { node?: { metadata?: { ISTIO_VERSION?: string } } };
  return alignColumns(`Istio Version:\t${node?.metadata?.ISTIO_VERSION ?? ''}\n`, { minWidth: 0, padding: 1 });
}
