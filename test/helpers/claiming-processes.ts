import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('claiming-process.mjs', import.meta.url));

interface Reply {
  readonly claimed: boolean;
  /** Why it has not claimed. */
  readonly message?: string;
}

/** A process of its own that claims and releases a data directory on request. */
export interface ClaimingProcess {
  readonly pid: number;
  send(request: 'claim' | 'claim slowly' | 'go on' | 'release'): Promise<Reply>;
  /** Ends it without a chance to release anything. */
  kill(): Promise<void>;
}

/** Starts a process that runs the compiled program's claim to the directory. */
export async function startClaimingProcess(directory: string): Promise<ClaimingProcess> {
  const child = fork(SCRIPT, [directory], { execArgv: [], env: {} });
  await nextReply(child);
  return {
    pid: child.pid!,
    async send(request) {
      const reply = nextReply(child);
      child.send(request);
      return reply;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function nextReply(child: ChildProcess): Promise<Reply> {
  const [reply] = (await once(child, 'message')) as [Reply];
  return reply;
}
