import type { RefreshPolicyInput } from '../../../client/src/index.js';
import type { AggregateStatus } from './aggregate-status.js';

/** A refresh policy; its durations are in ISO 8601. */
export interface Policy {
  readonly enabled: boolean;
  readonly scheduleInterval: string;
  /** Null: from the oldest day. */
  readonly startOffset: string | null;
  /** Null: to the newest day. */
  readonly endOffset: string | null;
}

/** What is proposed where there is none. */
const PROPOSED: Policy = {
  enabled: true,
  scheduleInterval: 'PT1H',
  startOffset: null,
  endOffset: 'PT1H',
};

/** The policy of an aggregate; null where it has none. */
export function policyOf({
  refreshPolicyEnabled: enabled,
  scheduleInterval,
  startOffset,
  endOffset,
}: Pick<
  AggregateStatus,
  'refreshPolicyEnabled' | 'scheduleInterval' | 'startOffset' | 'endOffset'
>): Policy | null {
  return scheduleInterval === null ? null : { enabled, scheduleInterval, startOffset, endOffset };
}

/** What a form for it begins with. */
export function editedPolicy(stored: Policy | null): Policy {
  return stored ?? PROPOSED;
}

/** What is sent to make the stored policy the edited one: all of a new one, else what differs. */
export function policyInput(stored: Policy | null, edited: Policy): RefreshPolicyInput {
  if (stored === null) return edited;
  const names = ['enabled', 'scheduleInterval', 'startOffset', 'endOffset'] as const;
  return Object.fromEntries(
    names.filter((name) => edited[name] !== stored[name]).map((name) => [name, edited[name]]),
  );
}
