// Builds dist/: the server and the commands with esbuild, the page with Vite. What is newer than its sources stays.
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { buildCommand } from './commands/build-command.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const PARTS = [
  {
    name: 'server',
    sources: ['common', 'cluster', 'server'],
    build: async () => {
      await esbuild.build({
        ...shared('server/cli/main.ts', 'dist/server/main.js'),
        packages: 'external',
        define: { TALLER_VERSION: JSON.stringify(manifest.version) },
      });
      await esbuild.build(shared('server/proof/shell-worker.ts', 'dist/server/shell-worker.js'));
    },
  },
  {
    name: 'commands',
    sources: ['server/commands'],
    build: async () => {
      await buildCommand(esbuild, {
        root,
        entry: 'server/commands/kubectl/main.ts',
        command: join(root, 'dist/commands/kubectl'),
        often: {
          name: 'get',
          file: 'server/commands/kubectl/verbs/get.ts',
          lists: ['server/commands/kubectl/commands.ts', 'server/commands/kubectl/oc/commands.ts'],
        },
        line: ['get', 'pods'],
        env: { TALLER_COMMAND: 'kubectl' },
      });
      await esbuild.build({
        ...shared('server/commands/kubectl/serve.ts', 'dist/commands/kubectl-server.cjs'),
        format: 'cjs',
        banner: {},
      });
      await buildCommand(esbuild, {
        root,
        entry: 'server/commands/istioctl/main.ts',
        command: join(root, 'dist/commands/istioctl'),
        line: ['version'],
        env: {},
      });
    },
  },
  {
    name: 'client',
    sources: ['common', 'client'],
    build: async () => {
      const vite = await import('vite');
      await vite.build({ configFile: join(root, 'client/vite.config.ts'), logLevel: 'warn' });
    },
  },
];

function shared(entry, outfile) {
  return {
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    // Bundled CommonJS packages ask for Node's modules with require.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  };
}

export async function build({ quiet }) {
  const stamps = join(root, 'dist/.stamps');
  mkdirSync(stamps, { recursive: true });
  for (const part of PARTS) {
    const stamp = join(stamps, part.name);
    const newest = Math.max(
      ...[...part.sources, 'package-lock.json', 'server/build.mjs'].map((path) => newestIn(join(root, path))),
    );
    if (existsSync(stamp) && statSync(stamp).mtimeMs > newest) continue;
    const started = Date.now();
    await part.build();
    // The time at which the build began: a source saved meanwhile is newer.
    writeFileSync(stamp, '');
    utimesSync(stamp, started / 1000, started / 1000);
    await esbuild.stop(); // its service would stay as long as the server
    if (!quiet) process.stdout.write(`built ${part.name} in ${Date.now() - started} ms\n`);
  }
}

function newestIn(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await build({ quiet: false });
