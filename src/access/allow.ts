import { Extensions } from 'type-graphql';
import type { Role } from './roles.js';

/** What the audit records of a mutation: the range it touched, never the figures in it. */
export type AuditDetails = Readonly<Record<string, unknown>>;

/** Describes what a mutation touched from its arguments, and from its result where it had one. */
export type DescribeMutation<Arguments = never, Result = never> = (
  args: Arguments,
  result: Result | undefined,
) => AuditDetails;

/** What a field of Query, Mutation or Subscription declares beside its resolver. */
export interface FieldAccess {
  readonly role: Role;
  /** Required of mutations. */
  readonly describe?: DescribeMutation;
  /** Whether the field concerns all tenants, and so needs a caller of all. */
  readonly everyTenant?: boolean;
}

/**
 * Declares the minimum role for a field of Query, Mutation or Subscription, and for a mutation what
 * the audit records of it. A schema in which a field lacks this cannot be made.
 */
export function Allow<Arguments, Result>(
  role: Role,
  describe?: DescribeMutation<Arguments, Result>,
  { everyTenant = false }: Pick<FieldAccess, 'everyTenant'> = {},
): MethodDecorator {
  const access: FieldAccess = {
    role,
    ...(describe ? { describe } : {}),
    everyTenant,
  };
  return Extensions({ access });
}
