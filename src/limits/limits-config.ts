import { z } from 'zod';

/** What one operation, one caller and all callers together may request at most. */
export interface LimitsConfig {
  readonly operation: OperationLimits;
  /** What operations that run at the same time may cost together: cost-gate.ts. */
  readonly maxConcurrentCost: number;
  /** The longest response, in bytes before compression. */
  readonly maxResponseBytes: number;
  /** How long an operation may take, in milliseconds; 0: as long as it likes. */
  readonly timeoutMs: number;
  /** Requests of one caller in a minute; 0: any number. */
  readonly requestsPerMinute: number;
  /** WebSocket connections of one caller. */
  readonly connectionsPerCaller: number;
  /** How many statements of requests may wait for a connection to the database. */
  readonly maxWaiting: number;
}

/** The bounds of one operation, which are checked before anything runs. */
export interface OperationLimits {
  /** Of the document, before it is parsed. */
  readonly maxTokens: number;
  /** Fields below each other. */
  readonly maxDepth: number;
  /** Fields with another name than their own, those of a fragment as often as it is spread. */
  readonly maxAliases: number;
  /** Fields, those of a fragment as often as it is spread. */
  readonly maxFields: number;
  /** In days of one metric of one portfolio: cost-model.ts. */
  readonly maxCost: number;
}

/**
 * Four thousand tokens are validated in less than 0.1 s, whatever they are; the longest of the
 * example operations has 70. A page of 200 portfolios with all windows and metrics costs two
 * million.
 */
export const DEFAULT_LIMITS: LimitsConfig = {
  operation: {
    maxTokens: 4000,
    maxDepth: 20,
    maxAliases: 100,
    maxFields: 5000,
    maxCost: 10_000_000,
  },
  maxConcurrentCost: 20_000_000,
  maxResponseBytes: 33_554_432,
  timeoutMs: 30_000,
  requestsPerMinute: 60_000,
  connectionsPerCaller: 100,
  maxWaiting: 500,
};

const count = z.coerce.number().int();

/** The variables of the limits. */
export const LIMITS_ENVIRONMENT = {
  OPERATION_MAX_TOKENS: count
    .positive()
    .default(DEFAULT_LIMITS.operation.maxTokens)
    .describe('The tokens of a document.'),
  OPERATION_MAX_DEPTH: count
    .positive()
    .default(DEFAULT_LIMITS.operation.maxDepth)
    .describe('Fields below each other.'),
  OPERATION_MAX_ALIASES: count
    .min(0)
    .default(DEFAULT_LIMITS.operation.maxAliases)
    .describe('Aliases in a document, those of a fragment as often as it is spread.'),
  OPERATION_MAX_FIELDS: count
    .positive()
    .default(DEFAULT_LIMITS.operation.maxFields)
    .describe('Fields in a document, those of a fragment as often as it is spread.'),
  OPERATION_MAX_COST: count
    .positive()
    .default(DEFAULT_LIMITS.operation.maxCost)
    .describe('The cost of an operation, in days of one metric of one portfolio.'),
  OPERATIONS_MAX_COST: count
    .positive()
    .default(DEFAULT_LIMITS.maxConcurrentCost)
    .describe('The cost of all operations that run at the same time.'),
  RESPONSE_MAX_BYTES: count
    .min(1000)
    .default(DEFAULT_LIMITS.maxResponseBytes)
    .describe('The length of a response before it is compressed, in bytes.'),
  // A longer timer would go off at once.
  OPERATION_TIMEOUT_MS: count
    .min(0)
    .max(2_147_483_647)
    .default(DEFAULT_LIMITS.timeoutMs)
    .describe('How long a request may take, in milliseconds; 0: any time.'),
  RATE_LIMIT: count
    .min(0)
    .default(DEFAULT_LIMITS.requestsPerMinute)
    .describe('Requests of one caller in a minute; 0: any number.'),
  WEBSOCKETS_PER_CALLER: count
    .positive()
    .default(DEFAULT_LIMITS.connectionsPerCaller)
    .describe('WebSocket connections of one caller at a time.'),
  DATABASE_QUEUE: count
    .positive()
    .default(DEFAULT_LIMITS.maxWaiting)
    .describe('Statements of requests that may wait for a connection to the database.'),
};
const SETTINGS = z.object(LIMITS_ENVIRONMENT);

/** What the settings say of limits. */
export function limitsConfig(settings: z.output<typeof SETTINGS>): LimitsConfig {
  return {
    operation: {
      maxTokens: settings.OPERATION_MAX_TOKENS,
      maxDepth: settings.OPERATION_MAX_DEPTH,
      maxAliases: settings.OPERATION_MAX_ALIASES,
      maxFields: settings.OPERATION_MAX_FIELDS,
      maxCost: settings.OPERATION_MAX_COST,
    },
    maxConcurrentCost: settings.OPERATIONS_MAX_COST,
    maxResponseBytes: settings.RESPONSE_MAX_BYTES,
    timeoutMs: settings.OPERATION_TIMEOUT_MS,
    requestsPerMinute: settings.RATE_LIMIT,
    connectionsPerCaller: settings.WEBSOCKETS_PER_CALLER,
    maxWaiting: settings.DATABASE_QUEUE,
  };
}
