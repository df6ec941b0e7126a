// Runs every bench/*.ts and prints what it measured as ratios to a baseline of the same run.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
// Inside the project, so that the bundles find its packages.
const out = mkdtempSync(join(here, '../dist/bench-'));
try {
  for (const file of readdirSync(here)
    .filter((name) => name.endsWith('.ts') && name !== 'bench-row.ts')
    .sort()) {
    const name = file.replace(/\.ts$/, '');
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const bundle = join(out, `${name}.mjs`);
    await build({
      entryPoints: [join(here, file)],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
    const { run } = await import(pathToFileURL(bundle).href);
    process.stdout.write(`\n${name}\n`);
    for (const row of await run()) {
      const ratio = (row.value / row.baseline).toFixed(2);
      process.stdout.write(
        `  ${row.name}: ${row.value.toFixed(2)} ${row.unit}, baseline ${row.baseline.toFixed(2)} ${row.unit}, ratio ${ratio}\n`,
      );
    }
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}
process.exit(0); // shells of a bench may still be closing
