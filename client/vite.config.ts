import { defineConfig } from 'vite';

const target = process.env['TALLER_DEV_SERVER'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  publicDir: false,
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    // How long Vite's own plugins took is nothing that whoever starts Taller for the first time can use.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  // `npx vite client`: the page from source, everything else from a server that runs beside it.
  server: { proxy: { '/api': target, '/ws': { target, ws: true } } },
});
