import type { Logger } from 'pino';
import type { AuditDetails } from './allow.js';
import type { Caller } from './caller.js';

/** The longest text that an entry repeats. */
const MAX_TEXT = 200;

/** One thing that was done, or tried. */
export interface AuditEntry {
  readonly caller: Caller;
  /** A mutation or a command. */
  readonly action: string;
  readonly details: AuditDetails;
  /** `done`, or the code of the error. */
  readonly outcome: string;
  readonly requestId: string;
  readonly durationMs: number;
}

/** Writes down who did what. */
export type Audit = (entry: AuditEntry) => void;

/**
 * Writes entries to the log, whatever its level; only a silent one stays silent. The default
 * level is `warn`, and who changed what has to be there when somebody asks.
 */
export function createAudit(log: Logger): Audit {
  const level = log.level === 'silent' ? 'silent' : 'info';
  const lines = log.child({ audit: true }, { level });
  return ({ caller, action, details, outcome, requestId, durationMs }) => {
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
}

/** With long texts cut: what a client sends may be of any length. */
function shortened(details: AuditDetails): unknown {
  const cut = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  return JSON.parse(JSON.stringify(details, cut));
}

/** Where there is no log: a command that has the database to itself shows what it does. */
export const NO_AUDIT: Audit = () => undefined;
