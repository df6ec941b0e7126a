// Builds a command: the whole program, what it seldom needs beside it, and for the line that is typed most a program
// of its own. A command is started for every line a learner types, and half of what we can save is reading less.
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildCodeCache } from './build-code-cache.mjs';

/** Packages that are loaded late. They become files of their own, so that a start does not read past them. */
const LATE = ['yaml', 'ws'];

/**
 * @param esbuild the module.
 * @param options.entry source of the program.
 * @param options.command path of the result without its ending, as `dist/commands/kubectl`.
 * @param options.often a command that gets a program of its own: `name` is its first word, `file` its source. Other
 * commands are what the sources in `lists` import late.
 * @param options.line the words with which each program is run once, to see which functions it needs.
 * @param options.env environment of that run.
 */
export async function buildCommand(esbuild, { root, entry, command, often, line, env }) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // CommonJS and small: ESM starts 10 % slower.
    format: 'cjs',
    // A script started from a code cache has no way to import; what it loads late it requires.
    supported: { 'dynamic-import': false },
    minify: true,
    logLevel: 'warning',
  };
  const folder = dirname(command);
  for (const name of LATE) {
    await esbuild.build({ ...common, entryPoints: [name], outfile: join(folder, `${name}.cjs`) });
  }
  const programs = [{ name: 'program', plugins: [latePackages()] }];
  if (often) programs.push({ name: often.name, plugins: [latePackages(), only(root, often)] });
  for (const { name, plugins } of programs) {
    const program = `${command}.${name}`;
    rmSync(`${program}.code-cache`, { force: true });
    await esbuild.build({ ...common, entryPoints: [entry], outfile: `${program}.cjs`, plugins });
  }
  await buildCodeCache(
    command,
    programs.map(({ name }) => name),
    line,
    env,
  );
}

function latePackages() {
  return {
    name: 'late-packages',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(${LATE.join('|')})$`) }, ({ path }) => ({
        path: `./${path}.cjs`,
        external: true,
      }));
    },
  };
}

/** Leaves out the other commands. launch.cjs starts this program for one command alone, so they are never asked for. */
function only(root, { file, lists }) {
  const importers = new Set(lists.map((list) => join(root, list)));
  return {
    name: 'only',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, importer, resolveDir }) =>
        kind === 'dynamic-import' && importers.has(importer) && join(resolveDir, path) !== join(root, file)
          ? { path, namespace: 'left-out' }
          : undefined,
      );
      build.onLoad({ filter: /^/, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${basename(path)} is not part of this program`)})`,
      }));
    },
  };
}
