/**
 * Builds each part of the program whose sources changed since it was built: `npm run build`.
 * A package without sources has nothing to build.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';

/** What is built, from which files and folders, and with which command of node_modules/.bin. */
const PARTS = [
  {
    name: 'server',
    sources: ['src', 'migrations'],
    settings: ['tsconfig.json', 'tsconfig.build.json', 'package.json'],
    command: ['tsc', '-p', 'tsconfig.build.json'],
  },
  {
    name: 'dashboard',
    sources: ['dashboard', 'client/src'],
    settings: ['package.json'],
    command: ['vite', 'build', 'dashboard', '--logLevel', 'warn'],
  },
  {
    name: 'explorer',
    sources: ['explorer', 'schema/operations'],
    settings: ['package.json'],
    command: ['vite', 'build', 'explorer', '--logLevel', 'error'],
  },
];

for (const { name, sources, settings, command } of PARTS) {
  const stamp = `dist/.built-${name}`;
  if (!sources.every((path) => existsSync(path))) continue;
  if (existsSync(stamp) && newest([...sources, ...settings]) <= statSync(stamp).mtimeMs) continue;
  const [tool, ...options] = command;
  const program = `node_modules/.bin/${tool}`;
  if (!existsSync(program)) {
    console.error(
      `The ${name} must be compiled, and ${tool} is not installed: run "npm ci" without --omit=dev, then "npm run build".`,
    );
    process.exit(1);
  }
  // What changes while it is built is built the next time.
  const startedAt = new Date();
  const { status } = spawnSync(program, options, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync('dist', { recursive: true });
  writeFileSync(stamp, '');
  utimesSync(stamp, startedAt, startedAt);
}

/** The time of the last change to one of the files, or to a file or folder in one of the folders. */
function newest(paths) {
  return Math.max(
    ...paths.map((path) => {
      const { mtimeMs } = statSync(path);
      if (!statSync(path).isDirectory()) return mtimeMs;
      return Math.max(mtimeMs, newest(readdirSync(path).map((name) => `${path}/${name}`)));
    }),
  );
}
