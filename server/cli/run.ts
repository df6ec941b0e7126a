import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { ISTIO_VERSIONS } from '../../cluster/index.ts';
import { UserError } from '../errors.ts';
import { createEmbeddedEnvironment } from '../session/embedded-environment.ts';
import { readArguments } from './arguments.ts';
import { createWorkplace } from './workplace.ts';

/** `taller run`: a command with a fresh cluster. @returns the command's exit status. */
export async function run(args: readonly string[]): Promise<number> {
  const separator = args.indexOf('--');
  const [command, ...commandArgs] = separator < 0 ? [] : args.slice(separator + 1);
  if (command === undefined) {
    throw new UserError('BAD_ARGUMENTS', 'run: say which command after "--", as in taller run -- kubectl get pods -A.');
  }
  const { values } = readArguments('run', {
    args: args.slice(0, separator),
    options: {
      istio: { type: 'string', default: 'current' },
      openshift: { type: 'boolean', default: false },
      setup: { type: 'string' },
    },
  });
  const istio = ISTIO_VERSIONS.find((version) => version === values.istio);
  if (istio === undefined) {
    const known = ISTIO_VERSIONS.join(', ');
    throw new UserError('BAD_ARGUMENTS', `run: Istio "${values.istio}" is not simulated. Use one of: ${known}.`);
  }

  const setup = values.setup === undefined ? [] : await manifestsIn(resolve(values.setup));
  const workplace = await createWorkplace();
  try {
    const environment = await createEmbeddedEnvironment({
      ...workplace,
      istio,
      openshift: values.openshift,
      setup,
      files: null,
    });
    try {
      const { PATH, KUBECONFIG, TALLER_ISTIO } = environment.checkEnv;
      const tools = PATH?.split(':')[0] ?? '';
      return await spawnAndWait(command, commandArgs, {
        ...process.env,
        PATH: `${tools}:${process.env.PATH ?? ''}`,
        KUBECONFIG,
        TALLER_ISTIO,
      });
    } finally {
      await environment.dispose();
    }
  } finally {
    await workplace.dispose();
  }
}

async function manifestsIn(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    throw new UserError(
      'BAD_ARGUMENTS',
      `run: cannot read the folder --setup ${directory}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

function spawnAndWait(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { env, stdio: 'inherit' });
    // The terminal sends Ctrl-C to both of us: the command decides what it means, and we report how it ended.
    const pass = (signal: NodeJS.Signals) => signal !== 'SIGINT' && child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, pass);
    const unlisten = () => {
      for (const signal of signals) process.off(signal, pass);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      unlisten();
      const missing = error.code === 'ENOENT';
      fail(missing ? new UserError('COMMAND_NOT_FOUND', `run: there is no command "${command}" on PATH.`) : error);
    });
    child.once('exit', (code, signal) => {
      unlisten();
      done(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
}
