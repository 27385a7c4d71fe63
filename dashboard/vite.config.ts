import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUTPUT = '../dist/dashboard';
/** What is compressed already, or is too small to gain from it, is left as it is. */
const COMPRESSED = /\.(?:js|css|html|svg)$/;

/** Writes a .br and a .gz beside each file, which the server sends as they are. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir }) {
      const files = await readdir(dir!, { recursive: true });
      await Promise.all(
        files
          .filter((file) => COMPRESSED.test(file))
          .map(async (file) => {
            const path = join(dir!, file);
            const text = await readFile(path);
            await writeFile(`${path}.br`, brotliCompressSync(text));
            await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }));
          }),
      );
    },
  };
}

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
