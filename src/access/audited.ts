import { GraphQLError, type GraphQLFieldResolver } from 'graphql';
import { passingFault } from '../database/sql-state.js';
import type { DescribeMutation } from './allow.js';
import type { Audit } from './audit.js';
import type { Caller } from './caller.js';

/** What the guard of the schema takes from a request's context. */
export interface AccessContext {
  readonly caller: Caller;
  /** In the log and in the response. */
  readonly requestId: string;
  readonly audit: Audit;
}

type Resolver = GraphQLFieldResolver<unknown, AccessContext>;

/** The resolver of a mutation that leaves an entry of the audit however it ends. */
export function audited(resolve: Resolver, describe: DescribeMutation): Resolver {
  const describeCall = describe as DescribeMutation<unknown, unknown>;
  return async (source, args, context, info) => {
    const started = performance.now();
    const { caller, requestId, audit } = context;
    const write = (outcome: string, result?: unknown): void =>
      audit({
        caller,
        action: info.fieldName,
        details: describeCall(args, result),
        outcome,
        requestId,
        durationMs: performance.now() - started,
      });
    const interrupt = (): void => write('INTERRUPTED');
    audit.underWay.add(interrupt);
    let outcome = 'done';
    let result: unknown;
    try {
      result = await resolve(source, args, context, info);
      return result;
    } catch (error) {
      outcome = codeOf(error);
      throw error;
    } finally {
      // One that was interrupted has its entry.
      if (audit.underWay.delete(interrupt)) write(outcome, result);
    }
  };
}

function codeOf(error: unknown): string {
  if (error instanceof GraphQLError && typeof error.extensions['code'] === 'string') {
    return error.extensions['code'];
  }
  return passingFault(error)?.code ?? 'INTERNAL_SERVER_ERROR';
}
