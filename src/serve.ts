import 'reflect-metadata';
import { startApp } from './app.js';
import { createTerminalOutput } from './commands/output.js';
import { readConfig, unknownSettings } from './config.js';
import { Failure } from './errors.js';

/** Runs the server until it receives a signal to stop. */
export async function serve(
  environment: NodeJS.ProcessEnv,
  endTracing: () => Promise<void> = async () => undefined,
): Promise<void> {
  const output = createTerminalOutput();
  const fail = (error: unknown): never => {
    output.error(
      error instanceof Failure ? error.message : String((error as Error).stack ?? error),
    );
    process.exit(1);
  };
  let stop: (() => Promise<void>) | undefined;
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) return;
    isStopping = true;
    if (!stop) process.exit(0);
    stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    for (const warning of unknownSettings(environment)) output.error(`Warning: ${warning}`);
    const app = await startApp({
      config: readConfig(environment),
      now: () => new Date(),
      progress: output.progress,
      onFailure: fail,
    });
    stop = () => app.close().finally(endTracing);
    output.line(
      `Rolling portfolio metrics are served at ${app.url}\nThe dashboard is at ${new URL('/', app.url).href}`,
    );
    for (const notice of app.notices) output.error(`Warning: ${notice}`);
  } catch (error) {
    fail(error);
  }
}
