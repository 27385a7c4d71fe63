import type { FormattedExecutionResult } from 'graphql';
import { Failure } from '../errors.js';

/** A GraphQL operation as it travels to the server that runs it. */
export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * Runs an operation: in this process, in the server that has the data directory, or over HTTP.
 * Errors of the operation are in the result; a Failure says that it could not be run at all.
 */
export type Executor = (operation: Operation) => Promise<FormattedExecutionResult>;

/** Runs an operation and returns its data. Throws a Failure that names every error. */
export async function requestData<Data>(
  execute: Executor,
  query: string,
  variables?: Operation['variables'],
): Promise<Data> {
  const { data, errors = [] } = await execute({ query, ...(variables ? { variables } : {}) });
  if (errors.length > 0) throw new Failure(errors.map(({ message }) => message).join('\n'));
  if (!data) throw new Failure('The response has neither data nor errors.');
  return data as Data;
}
