import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The address that documents use. */
const DOCUMENTED = 'http://127.0.0.1:4000';

/** A program in a document, as a reader would paste it. */
export interface Snippet {
  readonly document: string;
  /** The heading that it stands below. */
  readonly title: string;
  readonly language: string;
  readonly code: string;
  /** What it prints: the block of text right after it; null where there is none. */
  readonly output: string | null;
}

/** The snippets of a document, those of text left out. */
export async function snippetsOf(document: string): Promise<Snippet[]> {
  const markdown = await readFile(join(ROOT, document), 'utf8');
  const snippets: Snippet[] = [];
  let title = '';
  const block = /^#+ (.+)$|^```(\w+)\n([^]*?)^```(?:\n+```text\n([^]*?)^```)?/gm;
  for (const [, heading, language, code, output] of markdown.matchAll(block)) {
    if (heading !== undefined) title = heading;
    else if (language !== 'text')
      snippets.push({ document, title, language: language!, code: code!, output: output ?? null });
  }
  return snippets;
}

/** The statements of SQL in a document. */
export async function statementsOf(document: string): Promise<string[]> {
  const snippets = await snippetsOf(document);
  const sql = snippets.filter(({ language }) => language === 'sql').map(({ code }) => code);
  return sql.join('').split(/(?<=;)\n+/);
}

/** A folder where snippets run that has the packages of this repository and its client, packed. */
export class SnippetFolder {
  private constructor(
    private readonly folder: string,
    private readonly origin: string,
  ) {}

  /** `packages` are folders of more that snippets may import, relative to the repository. */
  static async open(serverUrl: string, packages: readonly string[] = []): Promise<SnippetFolder> {
    const folder = await mkdtemp(join(tmpdir(), 'snippets-'));
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', './client', '--json', '--pack-destination', folder],
      { cwd: ROOT },
    );
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const modules = join(folder, 'node_modules');
    const client = join(modules, 'rolling-portfolio-metrics-client');
    await mkdir(client, { recursive: true });
    await promisify(execFile)('tar', ['-xzf', join(folder, filename), '-C', client, '--strip=1']);
    for (const name of PACKAGES) {
      await mkdir(join(modules, name, '..'), { recursive: true });
      await symlink(join(ROOT, 'node_modules', name), join(modules, name));
    }
    for (const path of packages) await symlink(join(ROOT, path), join(modules, basename(path)));
    return new SnippetFolder(folder, new URL(serverUrl).origin);
  }

  /**
   * Runs a snippet with the address of the server in place of the documented one, and gives what
   * it prints. The command gets the name of its file.
   */
  async run(
    { language, code }: Snippet,
    [program, ...options] = COMMANDS.get(language)!,
  ): Promise<string> {
    const file = `snippet.${language === 'js' ? 'mjs' : language}`;
    await writeFile(join(this.folder, file), code.replaceAll(DOCUMENTED, this.origin));
    const { stdout } = await promisify(execFile)(program, [...options, file], {
      cwd: this.folder,
      timeout: 60_000,
    });
    return stdout;
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

/** The recipes that need more than this repository installs: npm run test:recipes. */
export const NEED_MORE: ReadonlySet<string> = new Set([
  'pandas',
  'polars',
  'R',
  'DuckDB',
  'Excel and Power Query',
  'Grafana',
]);

/** What snippets may import. */
const PACKAGES = [
  '@apollo/client',
  '@urql/core',
  'graphql',
  'graphql-request',
  'graphql-ws',
  'rxjs',
  'ws',
];

type Command = readonly [program: string, ...options: string[]];

/** What runs a language; Debian's Python has Debian's pandas. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['js', [process.execPath]],
  ['sh', ['bash']],
  ['python', ['/usr/bin/python3']],
  ['r', ['Rscript']],
  ['sql', [process.execPath, join(ROOT, 'test/recipes/duckdb.mjs')]],
  ['powerquery', [process.execPath, join(ROOT, 'test/recipes/power-query.mjs')]],
  ['json', [process.execPath, join(ROOT, 'test/recipes/infinity.mjs')]],
]);
