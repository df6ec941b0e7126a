import type { FlagSpec } from '../kubectl/flags.ts';

export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: 'context', type: 'string', usage: 'Name of the kubeconfig context to use' },
  {
    name: 'istioNamespace',
    short: 'i',
    type: 'string',
    default: 'istio-system',
    usage: 'Namespace of the control plane',
  },
  { name: 'kubeconfig', short: 'c', type: 'string', usage: 'File to use instead of those that KUBECONFIG names' },
  { name: 'namespace', short: 'n', type: 'string', usage: 'Namespace to work in' },
  { name: 'vklog', type: 'string', usage: 'Accepted; nothing is logged', hidden: true },
  { name: 'log_output_level', type: 'string', usage: 'Accepted; nothing is logged', hidden: true },
];

/** `-o`, for commands that print a table or the whole. */
export const OUTPUT_FLAG: FlagSpec = {
  name: 'output',
  short: 'o',
  type: 'string',
  default: 'short',
  usage: 'Output format: one of json|yaml|short',
};
