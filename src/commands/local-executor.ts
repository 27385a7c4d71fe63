import { randomUUID } from 'node:crypto';
import { graphql, type FormattedExecutionResult, type GraphQLSchema } from 'graphql';
import { LOCAL_CALLER } from '../access/caller.js';
import { createContext } from '../graphql/context.js';
import { createSchema } from '../graphql/schema.js';
import type { Services } from '../services.js';
import type { Executor } from './executor.js';

/** Built with the first operation, then reused: it holds no connection and no clock. */
let schema: Promise<GraphQLSchema> | undefined;

/** Runs operations in this process, with all rights and with errors as they are. */
export function createLocalExecutor(services: Services): Executor {
  return async ({ query, variables }) => {
    schema ??= createSchema();
    const result = await graphql({
      schema: await schema,
      source: query,
      contextValue: createContext(services, { caller: LOCAL_CALLER, requestId: randomUUID() }),
      ...(variables ? { variableValues: variables } : {}),
    });
    // As it arrives from elsewhere: an instant is a string.
    return JSON.parse(JSON.stringify(result)) as FormattedExecutionResult;
  };
}
