import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

/** A server in a process of its own. */
export interface Service {
  readonly origin: string;
  /** MiB of memory that the process holds. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly directory?: string;
  /** Added to the environment of this process. */
  readonly environment: Readonly<Record<string, string>>;
}

const START_TIMEOUT_MS = 120_000;

/** Starts a server and waits until it has printed its address. */
export async function startService({
  command: [program, ...parameters],
  directory,
  environment,
}: ServiceOptions): Promise<Service> {
  const child = spawn(program, parameters, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const address = new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const [url] = /http:\/\/[\w.:]+/.exec(printed) ?? [];
      if (url !== undefined && printed.endsWith('\n')) resolve(url);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${program} ${parameters.join(' ')} ended with exit code ${code}`)),
    );
    setTimeout(
      () => reject(new Error(`${parameters.join(' ')} printed no address`)),
      START_TIMEOUT_MS,
    ).unref();
  });
  try {
    return { origin: await address, memory: () => residentMemory(child.pid!), stop };
  } catch (error) {
    child.kill('SIGTERM');
    throw error;
  }
}

async function residentMemory(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}
