import { defineConfig } from 'vite';
import { precompress } from '../scripts/precompress.ts';

const OUTPUT = '../dist/dashboard';
export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that a proxy may serve it below any path.
  base: './',
  plugins: [precompress()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: 'es2022',
    // A data: address would need an exception from the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm start` beside it: npx vite dashboard.
  server: {
    proxy: {
      '/graphql': { target: 'http://127.0.0.1:4000', ws: true },
      '/export': 'http://127.0.0.1:4000',
    },
  },
});
