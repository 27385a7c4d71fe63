import { randomUUID } from 'node:crypto';
import type { AuditDetails } from '../access/allow.js';
import { LOCAL_CALLER } from '../access/caller.js';
import type { CommandContext, CommandRequest } from './commands.js';

/** Runs a command and leaves an entry of the audit where it is one that changes something. */
export async function auditCommand(
  request: CommandRequest,
  { audit }: Pick<CommandContext, 'audit'>,
  work: () => Promise<number>,
): Promise<number> {
  const details = detailsOf(request);
  if (!details) return work();
  const started = performance.now();
  let outcome = 'failed';
  try {
    const code = await work();
    if (code === 0) outcome = 'done';
    return code;
  } finally {
    audit({
      caller: LOCAL_CALLER,
      action: request.name,
      details,
      outcome,
      requestId: randomUUID(),
      durationMs: performance.now() - started,
    });
  }
}

/** What a command touches; null for one that changes nothing, and for an operation, which the schema audits. */
function detailsOf(request: CommandRequest): AuditDetails | null {
  switch (request.name) {
    case 'import':
      if (request.settings.dryRun) return null;
      return { ...request.files, ...request.settings };
    case 'sample':
      return request.remove ? { remove: true } : {};
    case 'create key':
      return { ...request.key };
    case 'revoke key':
      return { name: request.key };
    default:
      return null;
  }
}
