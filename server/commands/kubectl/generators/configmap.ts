import { isUtf8 } from 'node:buffer';
import type { Command } from '../command.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';
import { KEY_VALUE_FLAGS, readKeyValues } from './key-values.ts';

export const configmap: Command = {
  usage: 'NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  examples: [
    ['Two values', 'create configmap settings --from-literal=colour=green --from-literal=size=10'],
    ['A file under its name', 'create configmap page --from-file=index.html'],
  ],
  flags: [...CREATE_FLAGS, ...KEY_VALUE_FLAGS],
  async run(invocation) {
    const name = nameArgument(invocation);
    const data: Record<string, string> = {};
    const binaryData: Record<string, string> = {};
    for (const [key, value] of readKeyValues(invocation, 'ConfigMap')) {
      if (isUtf8(value)) data[key] = value.toString('utf8');
      else binaryData[key] = value.toString('base64');
    }
    const object = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name },
      ...(Object.keys(data).length > 0 ? { data } : {}),
      ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
    };
    const resource = { group: '', version: 'v1', name: 'configmaps', namespaced: true };
    await createFromFlags(invocation, resource, object, 'failed to create configmap: ');
    return 0;
  },
};
