import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('claiming-process.mjs', import.meta.url));

interface Answer {
  readonly claimed: boolean;
  /** Why it has not claimed. */
  readonly message?: string;
}

/** A process of its own that claims and releases a data directory when told to. */
export interface ClaimingProcess {
  readonly pid: number;
  tell(request: 'claim' | 'claim slowly' | 'go on' | 'release'): Promise<Answer>;
  /** Ends it without a chance to release anything. */
  kill(): Promise<void>;
}

/** Starts a process that runs the compiled program's claim to the directory. */
export async function startClaimingProcess(directory: string): Promise<ClaimingProcess> {
  const child = fork(SCRIPT, [directory], { execArgv: [], env: {} });
  await nextAnswer(child);
  return {
    pid: child.pid!,
    async tell(request) {
      const answer = nextAnswer(child);
      child.send(request);
      return answer;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function nextAnswer(child: ChildProcess): Promise<Answer> {
  const [answer] = (await once(child, 'message')) as [Answer];
  return answer;
}
