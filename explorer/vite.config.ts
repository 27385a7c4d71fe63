import { defineConfig } from 'vite';
import { precompress } from '../scripts/precompress.ts';

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that a proxy may serve it below any path.
  base: './',
  plugins: [precompress()],
  build: {
    outDir: '../dist/explorer',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The editor is one large part.
    chunkSizeWarningLimit: 10_000,
  },
  worker: { format: 'es' },
});
