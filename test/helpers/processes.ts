import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the compiled programs are, for what runs from source. */
const PROGRAMS = new URL('../../dist/src/', import.meta.url);

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One of the compiled programs, running as a process of its own. */
export interface Program {
  readonly pid: number;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until its output matches; throws with all it printed when it ends before. */
  printed(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
  /** How it ended, once all it printed is here. */
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

/** A program that ran to its end. */
export interface Finished extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningServer extends Program {
  /** The address of the API, as the server printed it. */
  readonly url: string;
  /** Sends a query by POST and gives its data; errors are thrown. */
  // The shape of the data is the query's; each test knows it.
  // oxlint-disable-next-line typescript/no-explicit-any
  data(query: string, variables?: Record<string, unknown>): Promise<any>;
  /** Stops it as a service manager would, and gives how it ended. */
  stop(): Promise<Exit>;
}

type Environment = Readonly<Record<string, string>>;

/** Starts the compiled programs, and knows all that it started. */
export class Processes {
  private readonly programs = new Map<Program, Exit | null>();
  private readonly directories: string[] = [];

  constructor(private readonly programsDir = PROGRAMS) {}

  /** A new directory with a short path, gone after `close`. */
  async directory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'e2e-'));
    this.directories.push(directory);
    return directory;
  }

  /** A data directory with a migrated, empty database: a copy of the one that the set-up made. */
  async dataDirectory(): Promise<string> {
    const directory = await this.directory();
    await cp(process.env['TEST_DATA_DIR']!, directory, { recursive: true });
    return directory;
  }

  /** Starts a server that must come up. */
  async server(dataDir: string, environment: Environment = {}): Promise<RunningServer> {
    const program = this.start(['serve'], dataDir, environment);
    const [, url] = await program.printed('stdout', /served at (\S+)\n/);
    return {
      ...program,
      url: url!,
      async data(query, variables) {
        const response = await fetch(url!, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
        }).catch((error: unknown) => {
          throw new Error(`the server does not respond; it said:\n${program.stderr()}`, {
            cause: error,
          });
        });
        const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
        if (errors) throw new Error(JSON.stringify(errors));
        return data;
      },
      stop() {
        program.kill('SIGTERM');
        return program.exited;
      },
    };
  }

  /** Runs a server that must not come up, to its end. */
  failingServer(dataDir: string, environment: Environment = {}): Promise<Finished> {
    return finish(this.start(['serve'], dataDir, environment));
  }

  /** Runs a command to its end. */
  cli(dataDir: string, ...args: readonly string[]): Promise<Finished> {
    return finish(this.command(dataDir, ...args));
  }

  /** Starts a command. */
  command(dataDir: string, ...args: readonly string[]): Program {
    return this.start(args, dataDir, {});
  }

  /** Kills what still runs. */
  async killAll(): Promise<void> {
    const running = [...this.programs].filter(([, exit]) => exit === null);
    for (const [program] of running) program.kill('SIGKILL');
    await Promise.all(running.map(([program]) => program.exited));
  }

  /** Kills what still runs and removes the directories. */
  async close(): Promise<void> {
    await this.killAll();
    await Promise.all(
      this.directories.splice(0).map((directory) => rm(directory, { recursive: true })),
    );
  }

  private start(args: readonly string[], dataDir: string, environment: Environment): Program {
    // Nothing of the tests' own environment, such as NODE_ENV and NODE_OPTIONS, is passed on.
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('cli.js', this.programsDir)), ...args],
      {
        env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: '0', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const program = toProgram(child);
    this.programs.set(program, null);
    void program.exited.then((exit) => this.programs.set(program, exit));
    return program;
  }
}

async function finish(program: Program): Promise<Finished> {
  const exit = await program.exited;
  return { ...exit, stdout: program.stdout(), stderr: program.stderr() };
}

function toProgram(child: ChildProcess): Program {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (chunk: string) => (text[name] += chunk));
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid!,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    exited,
    kill: (signal) => void child.kill(signal),
    printed: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text[stream]);
          if (!match) return;
          child[stream]!.off('data', look);
          resolve(match);
        };
        child[stream]!.on('data', look);
        look();
        void exited.then(({ code, signal }) =>
          reject(
            new Error(
              `it ended (${code ?? signal}) without printing ${pattern}\n${text.stdout}\n${text.stderr}`,
            ),
          ),
        );
      }),
  };
}
