import type { CommandEntry } from './command.ts';
import type { CommandGroup } from './help.ts';

/** Every command of kubectl 1.36, in the order of its help. Those without `load` are not simulated. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    title: 'Basic Commands (Beginner)',
    entries: [
      entry('create', 'Create objects from files or from flags', () => import('./verbs/create.ts')),
      entry('expose', 'Make a service for a pod, deployment or other service', () => import('./verbs/expose.ts')),
      entry('run', 'Start an image in a pod', () => import('./verbs/run.ts')),
      entry('set', 'Change one aspect of an object', () => import('./verbs/set.ts')),
    ],
  },
  {
    title: 'Basic Commands (Intermediate)',
    entries: [
      entry('explain', 'Show what the fields of a kind mean', () => import('./verbs/explain.ts')),
      entry('get', 'List objects or print them', () => import('./verbs/get.ts')),
      entry('edit', 'Change an object in your editor', () => import('./verbs/edit.ts')),
      entry('delete', 'Delete objects by file, name or label', () => import('./verbs/delete.ts')),
    ],
  },
  {
    title: 'Deploy Commands',
    entries: [
      entry('rollout', 'Follow and steer the rollout of a change', () => import('./verbs/rollout.ts')),
      entry('scale', 'Set the number of replicas', () => import('./verbs/scale.ts')),
      entry('autoscale', 'Scale by load', () => import('./verbs/autoscale.ts')),
    ],
  },
  {
    title: 'Cluster Management Commands',
    entries: [
      entry('certificate', 'Approve or deny certificate requests', () => import('./verbs/certificate.ts')),
      entry('cluster-info', 'Show where the cluster is', () => import('./verbs/cluster-info.ts')),
      entry('top', 'Show the use of CPU and memory', () => import('./verbs/top.ts')),
      entry('cordon', 'Keep new pods off a node', async () => ({
        command: (await import('./verbs/cordon.ts')).cordon,
      })),
      entry('uncordon', 'Let new pods onto a node again', async () => ({
        command: (await import('./verbs/cordon.ts')).uncordon,
      })),
      entry('drain', 'Empty a node', () => import('./verbs/drain.ts')),
      entry('taint', 'Set the taints of nodes', () => import('./verbs/taint.ts')),
    ],
  },
  {
    title: 'Troubleshooting and Debugging Commands',
    entries: [
      entry('describe', 'Show an object with all that belongs to it', () => import('./verbs/describe.ts')),
      entry('logs', 'Print what a container wrote', () => import('./verbs/logs.ts'), ['log']),
      entry('attach', "Join a container's main process", () => import('./verbs/attach.ts')),
      entry('exec', 'Run a command in a container', () => import('./verbs/exec.ts')),
      entry('port-forward', 'Reach a port of a pod from here', () => import('./verbs/port-forward.ts')),
      entry('proxy', 'Serve the API on a local port', () => import('./verbs/proxy.ts')),
      entry('cp', 'Copy files to and from containers', () => import('./verbs/cp.ts')),
      entry('auth', 'Ask what you may do', () => import('./verbs/auth.ts')),
      entry('debug', 'Look into a pod or a node with a container of your own', () => import('./verbs/debug.ts')),
      entry('events', 'List events', () => import('./verbs/events.ts')),
    ],
  },
  {
    title: 'Advanced Commands',
    entries: [
      entry('diff', 'Compare files with what the server has', () => import('./verbs/diff.ts')),
      entry('apply', 'Make objects as files say', () => import('./verbs/apply.ts')),
      entry('patch', 'Change fields of an object', () => import('./verbs/patch.ts')),
      entry('replace', 'Replace objects by those of files', () => import('./verbs/replace.ts')),
      entry('wait', 'Wait until objects are in a state', () => import('./verbs/wait.ts')),
      entry('kustomize', 'Build a kustomization', () => import('./verbs/kustomize.ts')),
    ],
  },
  {
    title: 'Settings Commands',
    entries: [
      entry('label', 'Set labels of objects', () => import('./verbs/label.ts')),
      entry('annotate', 'Set annotations of objects', () => import('./verbs/annotate.ts')),
      entry('completion', 'Print completion code for a shell', () => import('./verbs/completion.ts')),
    ],
  },
  {
    title: 'Other Commands',
    entries: [
      entry('api-resources', 'List the kinds that the server has', () => import('./verbs/api-resources.ts')),
      entry('api-versions', 'List the API versions that the server has', () => import('./verbs/api-versions.ts')),
      entry('config', 'Read and change kubeconfig files', () => import('./verbs/config.ts')),
      entry('plugin', 'List plugins', () => import('./verbs/plugin.ts')),
      entry('version', 'Print versions of client and server', () => import('./verbs/version.ts')),
    ],
  },
];

function entry(
  name: string,
  short: string,
  load: (() => Promise<{ command: Awaited<ReturnType<NonNullable<CommandEntry['load']>>> }>) | undefined,
  aliases: readonly string[] = [],
): CommandEntry {
  return { name, short, aliases, ...(load ? { load: async () => (await load()).command } : {}) };
}
