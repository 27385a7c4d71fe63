import type { Logger } from 'pino';
import type { AuditDetails } from './allow.js';
import type { Caller } from './caller.js';

/** The longest text that an entry repeats. */
const MAX_TEXT = 200;

/** One thing that was done, or tried. */
interface AuditEntry {
  readonly caller: Caller;
  /** A mutation or a command. */
  readonly action: string;
  readonly details: AuditDetails;
  /** `done`, the code of the error, or `INTERRUPTED` where the server ended before it was known. */
  readonly outcome: string;
  readonly requestId: string;
  readonly durationMs: number;
}

/** Records which caller did what. */
export interface Audit {
  (entry: AuditEntry): void;
  /** For each mutation that has begun and not ended, what writes that it was interrupted. */
  readonly underWay: Set<() => void>;
}

/** Writes an `INTERRUPTED` entry for each running mutation, because the process is about to exit. */
export function closeAudit({ underWay }: Audit): void {
  for (const interrupt of underWay) interrupt();
  underWay.clear();
}

/**
 * Writes entries to the log, whatever its level; only a silent one stays silent. The default
 * level is `warn`, and operators need a complete record of which caller changed what.
 */
export function createAudit(log: Logger): Audit {
  const level = log.level === 'silent' ? 'silent' : 'info';
  const lines = log.child({ audit: true }, { level });
  const write = ({ caller, action, details, outcome, requestId, durationMs }: AuditEntry): void => {
    const { name, role, tenant } = caller;
    const rounded = Math.round(durationMs);
    lines.info(
      {
        caller: name,
        role,
        tenant,
        action,
        details: shortened(details),
        outcome,
        requestId,
        durationMs: rounded,
      },
      `${name} ${action}: ${outcome}`,
    );
  };
  return Object.assign(write, { underWay: new Set<() => void>() });
}

/** With long texts cut: what a client sends may be of any length. */
function shortened(details: AuditDetails): unknown {
  const cut = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  return JSON.parse(JSON.stringify(details, cut));
}

/** Where there is no log: a command that has the database to itself shows what it does. */
export const NO_AUDIT: Audit = Object.assign(() => undefined, { underWay: new Set<() => void>() });
