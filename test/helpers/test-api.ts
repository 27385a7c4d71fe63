import type { ApolloServer } from '@apollo/server';
import type { FormattedExecutionResult } from 'graphql';
import { pino } from 'pino';
import { LOCAL_CALLER, type Caller } from '../../src/access/caller.js';
import type { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { Turns } from '../../src/async/turns.js';
import type { Database } from '../../src/database/database.js';
import { createApollo } from '../../src/graphql/apollo.js';
import { createContext, type RequestContext } from '../../src/graphql/context.js';
import { createSchema } from '../../src/graphql/schema.js';
import { createTestServices, type TestServicesOptions } from './test-services.js';

export interface TestApi {
  readonly apollo: ApolloServer<RequestContext>;
  readonly refreshes: RefreshService;
  /** Runs an operation and gives its whole result. */
  execute(query: string, variables?: Record<string, unknown>): Promise<FormattedExecutionResult>;
  /** Runs an operation that must not have errors and gives its data. */
  // The shape of the data is the query's; each test knows it.
  // oxlint-disable-next-line typescript/no-explicit-any
  data(query: string, variables?: Record<string, unknown>): Promise<any>;
  close(): Promise<void>;
}

/** The API over a database, called in process. */
export async function createTestApi(
  database: Database,
  options: TestServicesOptions & { readonly caller?: Caller } = {},
): Promise<TestApi> {
  const apollo = createApollo({
    schema: await createSchema(),
    explore: true,
    turns: new Turns(),
    log: pino({ level: 'silent' }),
  });
  await apollo.start();
  const services = createTestServices(database, options);
  const execute: TestApi['execute'] = async (query, variables) => {
    const { body } = await apollo.executeOperation(
      { query, ...(variables ? { variables } : {}) },
      {
        contextValue: createContext(services, {
          caller: options.caller ?? LOCAL_CALLER,
          requestId: 'test',
        }),
      },
    );
    if (body.kind !== 'single') throw new Error(`expected a single result, got ${body.kind}`);
    return JSON.parse(JSON.stringify(body.singleResult)) as FormattedExecutionResult;
  };
  return {
    apollo,
    execute,
    async data(query, variables) {
      const { data, errors } = await execute(query, variables);
      if (errors) throw new Error(JSON.stringify(errors, null, 2));
      return data;
    },
    refreshes: services.refreshes,
    async close() {
      await apollo.stop();
      await services.refreshes.close();
    },
  };
}
