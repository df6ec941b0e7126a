import { isRecord, type ApiObject } from '../api/object.ts';
import { createChangePrinter } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { DRY_RUN_FLAG, fieldManagerFlag, OUTPUT_FLAGS, SELECTOR_FLAG, VALIDATE_FLAG } from '../flag-sets.ts';
import { patchObject } from '../patch-object.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';

interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

interface Changes {
  add: Taint[];
  /** An empty effect stands for all. */
  remove: { key: string; effect: string }[];
}

export const command: Command = {
  usage: 'NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  long: 'Sets taints of nodes, which keep off all pods that do not tolerate them. A minus behind one takes it away.',
  examples: [
    ['Only for those who tolerate it', 'taint nodes node-1 dedicated=shop:NoSchedule'],
    ['Not any more', 'taint nodes node-1 dedicated:NoSchedule-'],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    DRY_RUN_FLAG,
    VALIDATE_FLAG,
    SELECTOR_FLAG,
    fieldManagerFlag('kubectl-taint'),
    { name: 'all', type: 'bool', usage: 'All nodes.' },
    { name: 'overwrite', type: 'bool', usage: 'Allow to change the value of a taint.' },
  ],
  run,
};

/** kubectl/pkg/cmd/taint/taint.go. */
async function run(invocation: Invocation): Promise<number> {
  const { args, flags } = invocation;
  const isSpec = (word: string) => word.includes('=') || word.includes(':') || word.endsWith('-');
  const first = args.findIndex(isSpec);
  const words = first < 0 ? args : args.slice(0, first);
  const specs = first < 0 ? [] : args.slice(first);
  const stray = specs.find((word) => !isSpec(word));
  if (stray !== undefined) throw new CommandError(`all resources must be specified before taint changes: ${stray}`);
  if (words.length < 1) throw new CommandError('one or more resources must be specified as <resource> <name>');
  if (specs.length < 1) throw new CommandError('at least one taint update is required');
  const changes = readChanges(specs);
  if (words.length < 2 && !flags.bool('all') && flags.string('selector') === '' && !(words[0] ?? '').includes('/')) {
    throw new CommandError("at least one resource name must be specified since 'all' parameter is not set");
  }
  const targets = await findTargets(invocation, { words });
  const print = await createChangePrinter(invocation);
  await forEachTarget(targets, async (target) => {
    if (target.resource.name !== 'nodes') {
      throw new CommandError(`invalid resource type ${target.resource.name}, only node(s) is supported`);
    }
    for (const node of await listTarget(invocation, target)) {
      const { taints, operation } = change(node, changes, flags.bool('overwrite'));
      const spec: Record<string, unknown> = { ...(isRecord(node.spec) ? node.spec : {}), taints };
      if (taints.length === 0) delete spec.taints;
      const named = { ...target, name: node.metadata?.name ?? '' };
      print(await patchObject(invocation, named, node, { ...node, spec }), operation);
    }
  });
  return 0;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** kubectl/pkg/cmd/taint/utils.go, parseTaints. */
function readChanges(specs: readonly string[]): Changes {
  const changes: Changes = { add: [], remove: [] };
  for (const spec of specs) {
    const removing = spec.endsWith('-');
    const text = removing ? spec.slice(0, -1) : spec;
    const [keyValue = '', effect, ...rest] = text.split(':');
    const [key = '', value, ...more] = keyValue.split('=');
    if (rest.length > 0 || more.length > 0 || key === '') throw new UsageError(`invalid taint spec: ${spec}`);
    if (effect !== undefined && !EFFECTS.includes(effect)) {
      throw new UsageError(`invalid taint effect: ${effect}, unsupported taint effect`);
    }
    if (removing) changes.remove.push({ key, effect: effect ?? '' });
    else if (effect === undefined) throw new UsageError(`invalid taint spec: ${spec}`);
    else changes.add.push({ key, ...(value ? { value } : {}), effect });
  }
  const keys = new Set(changes.add.map(({ key, effect }) => `${key}:${effect}`));
  const both = changes.remove.find(({ key, effect }) => keys.has(`${key}:${effect}`));
  if (both)
    throw new CommandError(
      `can not both modify and remove the following taint(s) in the same command: ${both.key}:${both.effect}`,
    );
  return changes;
}

function change(node: ApiObject, changes: Changes, overwrite: boolean): { taints: Taint[]; operation: string } {
  const spec = isRecord(node.spec) ? node.spec : {};
  const before = (Array.isArray(spec.taints) ? spec.taints : []) as Taint[];
  const same = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect;
  const exists = changes.add.filter((each) => before.some((old) => same(old, each)));
  if (!overwrite && exists.length > 0) {
    throw new CommandError(
      `node ${node.metadata?.name ?? ''} already has ${exists.map(({ key }) => key).join(',')} taint(s) with same effect(s) and --overwrite is false`,
    );
  }
  let taints = before.filter((old) => !changes.add.some((each) => same(old, each)));
  for (const { key, effect } of changes.remove) {
    const left = taints.filter((taint) => !(taint.key === key && (effect === '' || taint.effect === effect)));
    if (left.length === taints.length) {
      throw new CommandError(`taint ${JSON.stringify(effect === '' ? key : `${key}:${effect}`)} not found`);
    }
    taints = left;
  }
  // Upstream puts the new ones first.
  taints = [...changes.add, ...taints];
  if (changes.add.length === 0) return { taints, operation: 'untainted' };
  return { taints, operation: exists.length > 0 || changes.remove.length > 0 ? 'modified' : 'tainted' };
}
