import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** What is compressed already, or is too small to gain from it, is left as it is. */
const COMPRESSED = /\.(?:js|css|html|svg)$/;

/** The best quality takes a minute for an editor of several megabytes, and saves it little. */
function brotli(text: Buffer): Buffer {
  const isLarge = text.length > 200_000;
  const quality = isLarge ? 6 : constants.BROTLI_MAX_QUALITY;
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
}

/** Writes a .br and a .gz beside each file, which the server sends as they are. */
export function precompress(): Plugin {
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
            await writeFile(`${path}.br`, brotli(text));
            await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }));
          }),
      );
    },
  };
}
