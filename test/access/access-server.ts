import { pino, type Logger } from 'pino';
import type { AccessConfig } from '../../src/access/access-config.js';
import { createAccess } from '../../src/access/access.js';
import { ApiKeyStore } from '../../src/access/api-key-store.js';
import { createAudit } from '../../src/access/audit.js';
import type { Database } from '../../src/database/database.js';
import { createContext } from '../../src/graphql/context.js';
import { createSchema } from '../../src/graphql/schema.js';
import { createTestServices } from '../helpers/test-services.js';
import { startTestServer, type TestServer, type TestServerOptions } from '../http/test-server.js';

/** As on a loopback address without any setting. */
export const KEYED: AccessConfig = {
  required: 'keyed',
  refuseUnconfigured: false,
  explorable: true,
  jwt: null,
  allowedHosts: [],
};

export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // The shape of the data is the query's; each test knows it.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
  readonly code: unknown;
  readonly message: string | undefined;
}

export interface AccessServer extends TestServer {
  /** Sends an operation with this Authorization header, or without one. */
  readonly execute: (
    query: string,
    authorization?: string,
    variables?: Readonly<Record<string, unknown>>,
  ) => Promise<ApiResponse>;
}

/** The whole API over HTTP on a real port, with access as it is configured. */
export async function startAccessServer(
  database: Database,
  {
    config = KEYED,
    now = () => new Date(),
    clock = racingClock(),
    log = pino({ level: 'silent' }),
    ...options
  }: {
    config?: AccessConfig;
    now?: () => Date;
    clock?: () => number;
    log?: Logger;
  } & Pick<
    TestServerOptions,
    | 'allowedHosts'
    | 'costGate'
    | 'maxResponseBytes'
    | 'limits'
    | 'operationLimits'
    | 'requestsPerMinute'
    | 'series'
    | 'explore'
  > = {},
): Promise<AccessServer> {
  const services = { ...createTestServices(database, { now }), audit: createAudit(log) };
  const server = await startTestServer({
    schema: await createSchema(),
    database,
    revisions: services.dailySeries.revisions,
    series: services.dailySeries,
    access: createAccess({ config, keys: new ApiKeyStore(database), now, clock, log }),
    createContext: (info) => createContext(services, info),
    log,
    ...options,
  });
  return {
    ...server,
    async execute(query, authorization, variables) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      const { data, errors = [] } = JSON.parse(text) as {
        data?: unknown;
        errors?: { message: string; extensions: { code: unknown } }[];
      };
      return {
        status: response.status,
        headers: response.headers,
        text,
        data,
        code: errors[0]?.extensions.code,
        message: errors[0]?.message,
      };
    },
    async close() {
      await server.close();
      await services.refreshes.close();
    },
  };
}

/** By which whatever the keys were when they were last looked up is too long ago. */
function racingClock(): () => number {
  let time = 0;
  return () => (time += 1000);
}
