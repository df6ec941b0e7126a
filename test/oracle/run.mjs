// node test/oracle/run.mjs [--kubectl PATH] [--minor 1.36] [--group NAME] [--out DIR]
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
// Inside the project, so that the bundle finds its packages and the recordings.
const out = mkdtempSync(join(here, '../../dist/oracle-'));
try {
  const bundle = join(out, 'run.mjs');
  await build({
    entryPoints: [join(here, 'run.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(here, 'run.ts')).href) },
  });
  const { run } = await import(pathToFileURL(bundle).href);
  await run(process.argv.slice(2));
} finally {
  rmSync(out, { recursive: true, force: true });
}
process.exit(0); // timers of the cluster may still be set
