import { resolve } from 'node:path';
import { compile } from '@fastify/proxy-addr';
import leven from 'leven';
import { z } from 'zod';
import {
  ACCESS_ENVIRONMENT,
  accessConfig,
  accessFaults,
  type AccessConfig,
} from './access/access-config.js';
import { isLoopback } from './access/loopback.js';
import { DEFAULT_THRESHOLDS, type HealthThresholds } from './aggregates/status/health.js';
import { POLICY_RUNNERS, type PolicyRunner } from './aggregates/status/policy-runs.js';
import type { ServerConnection } from './database/data-source.js';
import { verifiedUrl } from './database/verified-url.js';
import { Failure } from './errors.js';
import { LIMITS_ENVIRONMENT, limitsConfig, type LimitsConfig } from './limits/limits-config.js';

const MEBIBYTE = 1_048_576;
/** Of the memory: the rest is for what was replaced, until V8 has collected it. */
const CACHED_SHARE = 9 / 16;
/** Of the age: together no more than all, for responses are computed from series. */
const AGE_SHARES = { series: 3 / 4, responses: 1 / 4 };

const onOff = z.enum(['on', 'off']).transform((value) => value === 'on');
const positive = z.coerce.number().positive();
const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' })
  .transform((url, context) => {
    const { verified, fault } = verifiedUrl(url);
    if (fault !== undefined) context.addIssue(fault);
    return verified;
  });
const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'must be origins such as https://app.example, without a path',
});
/** A list with commas between, with or without spaces and empty places. */
const listOf = <Value extends z.ZodType<unknown, string>>(value: Value) =>
  z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((text) => text.trim() || []))
    .pipe(z.array(value));

const redisUrl = z.url({
  protocol: /^rediss?$/,
  error: 'must be a redis:// or rediss:// address',
});
const proxy = z.string().refine(isProxy, {
  error: 'must be addresses or subnets such as 10.0.0.0/8, or loopback, linklocal or uniquelocal',
});

const MAX_PORT = 65_535;
const port = { error: `must be a whole number from 0 to ${MAX_PORT}` };

const GENERAL = {
  DATABASE_URL: postgresUrl
    .optional()
    .describe(
      'A TimescaleDB server, `postgres://…`: TimescaleDB 2.22 or later, community edition, on PostgreSQL 15 to 18; with `?sslmode=verify-full` over TLS. Unset: the embedded database.',
    ),
  DATABASE_REPLICA_URLS: listOf(postgresUrl).describe(
    'Streaming replicas that serve reads, separated by commas.',
  ),
  // A replica that is behind serves nothing that it lacks; imports and vacuums delay replay by seconds.
  REPLICA_MAX_LAG_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe(
      'How far a replica may lag, in milliseconds, before it is left out and `health` warns. At any lag it serves nothing older than the primary showed.',
    ),
  // Each aggregate's refresh holds a connection, and others must get one meanwhile.
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(6)
    .max(1000)
    .default(10)
    .describe('Connections to the server, at least 6.'),
  DATABASE_WAIT_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3600)
    .default(30)
    .describe(
      'How long `serve` waits at its start for a server that cannot be reached, in seconds. Commands do not wait.',
    ),
  // The mode that pg uses where an address has none.
  PGSSLMODE: z
    .string()
    .refine((mode) => mode !== 'no-verify', {
      error: 'must not request TLS with a server that is not verified',
    })
    .optional()
    .describe('TLS to the database where its address has no `sslmode`; `no-verify` is refused.'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .describe('The directory of the embedded database. It belongs to one process.'),
  SAMPLE_DATA: onOff
    .default(true)
    .describe('Whether an empty embedded database is filled with the sample portfolios.'),
  POLICIES: z
    .enum(POLICY_RUNNERS)
    .optional()
    .describe(
      '`database`: jobs of the server run the refresh policies, the default with DATABASE_URL. `application`: the instances run them, always so with the embedded database.',
    ),
  HOST: z.string().min(1).default('127.0.0.1').describe('The address the API listens at.'),
  PORT: z.coerce
    .number(port)
    .int(port)
    .min(0, port)
    .max(MAX_PORT, port)
    .default(4000)
    .describe('The port the API listens at; 0: any that is free.'),
  EXPLORE: onOff
    .optional()
    .describe(
      'Whether Apollo Sandbox and introspection are offered; unset: unless access is required.',
    ),
  TRUST_PROXY: listOf(proxy).describe(
    'Proxies whose X-Forwarded-For names the client: addresses, subnets, `loopback`, `linklocal`, `uniquelocal`, separated by commas.',
  ),
  REDIS_URL: redisUrl
    .optional()
    .describe('A Redis or Valkey server, `redis://…`, with which all instances share RATE_LIMIT.'),
  CORS_ORIGINS: listOf(origin).describe(
    'Origins whose pages may send requests from a browser, separated by commas.',
  ),
  LOG_LEVEL: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('warn')
    .describe('`silent`, `fatal`, `error`, `warn`, `info`, `debug` or `trace`, on standard error.'),
  NODE_ENV: z
    .string()
    .optional()
    .describe('`production`: every request needs a credential, on a loopback address too.'),
};

const CACHE = {
  SERIES_CACHE_MB: z.coerce
    .number()
    .int()
    .min(0)
    .default(256)
    .describe('Memory for cached daily series and responses, in MiB; 0: nothing is cached.'),
  SERIES_CACHE_MAX_AGE: z.coerce
    .number()
    .int()
    .positive()
    .default(7200)
    .describe(
      'How long a change that no trigger sees may go unnoticed, in seconds: everything cached is read again by then.',
    ),
  SNAPSHOT_MAX_AGE_MS: z.coerce
    .number()
    .min(0)
    .default(500)
    .describe('The age of the snapshot that validates what is cached, in milliseconds.'),
};

const HEALTH = {
  HEALTH_WARNING_LAG_SECONDS: positive
    .default(DEFAULT_THRESHOLDS.warningLagSeconds)
    .describe('WARNING when a policy last succeeded longer ago than this, in seconds,'),
  HEALTH_WARNING_LAG_SCHEDULES: positive
    .default(DEFAULT_THRESHOLDS.warningLagSchedules)
    .describe('and than this many of its schedule intervals.'),
  HEALTH_DEGRADED_LAG_SECONDS: positive
    .default(DEFAULT_THRESHOLDS.degradedLagSeconds)
    .describe('DEGRADED when a policy last succeeded longer ago than this, in seconds,'),
  HEALTH_DEGRADED_LAG_SCHEDULES: positive
    .default(DEFAULT_THRESHOLDS.degradedLagSchedules)
    .describe('and than this many of its schedule intervals.'),
  HEALTH_DEGRADED_FAILURES: positive
    .default(DEFAULT_THRESHOLDS.degradedFailures)
    .describe('DEGRADED from this many failures among about the last ten policy runs.'),
  HEALTH_SOURCE_AGE_DAYS: z
    .literal('off')
    .transform(() => null)
    .or(z.coerce.number({ error: 'must be a number of days, or off' }).min(1))
    .default(DEFAULT_THRESHOLDS.sourceAgeDays)
    .describe('WARNING when the newest source day is more days ago than this; `off`: never.'),
};

/** All settings by subject, each with the page that explains them. */
export const SETTING_GROUPS = [
  { subject: 'General', page: 'operating.md', settings: GENERAL },
  { subject: 'Access', page: 'access.md', settings: ACCESS_ENVIRONMENT },
  { subject: 'Limits', page: 'limits.md', settings: LIMITS_ENVIRONMENT },
  { subject: 'Cache', page: 'caching.md', settings: CACHE },
  { subject: 'Health', page: 'refreshing.md#health', settings: HEALTH },
] as const;

const ENVIRONMENT = z
  .object({ ...GENERAL, ...ACCESS_ENVIRONMENT, ...LIMITS_ENVIRONMENT, ...CACHE, ...HEALTH })
  .check(({ value, issues }) => {
    for (const { variable, message } of accessFaults(value)) {
      issues.push({ code: 'custom', input: value, path: [variable], message });
    }
    if (value.POLICIES === 'database' && value.DATABASE_URL === undefined) {
      const message =
        'is for a TimescaleDB server: set DATABASE_URL, or unset POLICIES; the embedded database cannot run policies by itself';
      issues.push({ code: 'custom', input: value, path: ['POLICIES'], message });
    }
  });

/** What is never printed. */
const SECRETS = new Set(['JWT_SECRET']);
/** What may have a password in it. */
const ADDRESSES = new Set(['DATABASE_URL', 'DATABASE_REPLICA_URLS', 'REDIS_URL', 'JWT_JWKS_URL']);
/** Those that are lists. */
const LISTS = new Set(['DATABASE_REPLICA_URLS']);
const HIDDEN = '***';

/** All settings of the program, read and checked once at start. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly database: DatabaseConfig;
  /** How long the application waits at its start for a server that cannot be reached. */
  readonly databaseWaitSeconds: number;
  /** Whether an empty embedded database is filled with the sample portfolios. */
  readonly sampleData: boolean;
  readonly access: AccessConfig;
  /** Whether the Sandbox and introspection are offered; null: unless there is a key. */
  readonly explore: boolean | null;
  readonly cache: CacheConfig;
  readonly limits: LimitsConfig;
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** The server with which instances share counts; null: each counts for itself. */
  readonly redisUrl: string | null;
  /** Whose pages may send requests from a browser. */
  readonly corsOrigins: readonly string[];
  readonly policyRunner: PolicyRunner;
  readonly thresholds: HealthThresholds;
  readonly logLevel: string;
}

/** How much is cached in memory, and for how long. */
interface CacheConfig {
  /** What daily series and responses may take together. */
  readonly maxBytes: number;
  /** How long daily series are cached at most, in milliseconds. */
  readonly maxSeriesAge: number;
  /** How long responses are cached at most, in milliseconds. */
  readonly maxResponseAge: number;
  /** How long after its commit a change may go unseen, in milliseconds. */
  readonly snapshotMaxAge: number;
}

export type DatabaseConfig =
  | { readonly engine: 'embedded'; readonly dataDir: string }
  | (ServerConnection & { readonly engine: 'server' });

/** Reads the settings from environment variables. Throws a Failure that names every fault. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // An empty variable is an unset one.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = ENVIRONMENT.safeParse(given, { error: ruleOf });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => {
      const variable = String(path[0]);
      const what = message.startsWith('must') ? shown(variable, given[variable]) : '';
      return `  ${variable} ${message}${what}`;
    });
    throw new Failure(`The environment is not right:\n${faults.join('\n')}`);
  }
  const settings = parsed.data;
  const access = accessConfig(settings, {
    exposed: !isLoopback(settings.HOST),
    production: settings.NODE_ENV === 'production',
  });
  return {
    host: settings.HOST,
    port: settings.PORT,
    database:
      settings.DATABASE_URL === undefined
        ? { engine: 'embedded', dataDir: resolve(settings.DATA_DIR) }
        : {
            engine: 'server',
            url: settings.DATABASE_URL,
            replicaUrls: settings.DATABASE_REPLICA_URLS,
            replicaMaxLagMs: settings.REPLICA_MAX_LAG_MS,
            poolSize: settings.DATABASE_POOL_SIZE,
          },
    databaseWaitSeconds: settings.DATABASE_WAIT_SECONDS,
    sampleData: settings.SAMPLE_DATA,
    access,
    explore: settings.EXPLORE ?? (access.explorable ? null : false),
    cache: {
      maxBytes: settings.SERIES_CACHE_MB * MEBIBYTE * CACHED_SHARE,
      maxSeriesAge: settings.SERIES_CACHE_MAX_AGE * 1000 * AGE_SHARES.series,
      maxResponseAge: settings.SERIES_CACHE_MAX_AGE * 1000 * AGE_SHARES.responses,
      snapshotMaxAge: settings.SNAPSHOT_MAX_AGE_MS,
    },
    limits: limitsConfig(settings),
    trustedProxies: settings.TRUST_PROXY,
    redisUrl: settings.REDIS_URL ?? null,
    corsOrigins: settings.CORS_ORIGINS,
    policyRunner:
      settings.POLICIES ?? (settings.DATABASE_URL === undefined ? 'application' : 'database'),
    thresholds: {
      warningLagSeconds: settings.HEALTH_WARNING_LAG_SECONDS,
      warningLagSchedules: settings.HEALTH_WARNING_LAG_SCHEDULES,
      degradedLagSeconds: settings.HEALTH_DEGRADED_LAG_SECONDS,
      degradedLagSchedules: settings.HEALTH_DEGRADED_LAG_SCHEDULES,
      degradedFailures: settings.HEALTH_DEGRADED_FAILURES,
      sourceAgeDays: settings.HEALTH_SOURCE_AGE_DAYS,
    },
    logLevel: settings.LOG_LEVEL,
  };
}

/** The rule that a value breaks, for rules that do not say it themselves. */
function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be ${new Intl.ListFormat('en', { type: 'disjunction' }).format(issue.values.map(String))}`;
    default:
      return undefined;
  }
}

function isProxy(text: string): boolean {
  try {
    compile(text);
    return true;
  } catch {
    return false;
  }
}

/** What a variable is, for a message that says what it must be. */
function shown(variable: string, value = ''): string {
  return value === '' || SECRETS.has(variable) ? '' : `, but is "${masked(variable, value)}"`;
}

/** The value without what is secret: the address of a database can have a password in it. */
function masked(variable: string, value: string): string {
  if (SECRETS.has(variable)) return HIDDEN;
  if (!ADDRESSES.has(variable)) return value;
  // Text after a comma may be the rest of a password, and so may what is no address at all.
  const isList = LISTS.has(variable) && value.split(',').every((text) => URL.canParse(text.trim()));
  const addresses = isList ? value.split(',').map((text) => text.trim()) : [value];
  return addresses.map(withoutPassword).join(',');
}

function withoutPassword(address: string): string {
  // What has neither user nor parameters has no password.
  if (!/[@?=]/.test(address)) return address;
  if (!address.includes('://') || !URL.canParse(address)) return HIDDEN;
  const url = new URL(address);
  if (url.password !== '') url.password = HIDDEN;
  for (const name of url.searchParams.keys()) {
    if (/pass|secret|key/i.test(name)) url.searchParams.set(name, HIDDEN);
  }
  return url.href;
}

/** A setting as it is in effect. */
export interface EffectiveSetting {
  readonly variable: string;
  /** As it would be given, secrets masked; empty where it is unset and has no default. */
  readonly value: string;
  readonly source: 'environment' | 'default';
  readonly description: string;
}

/** All settings with their values. Throws a Failure that names every fault. */
export function effectiveSettings(env: NodeJS.ProcessEnv): EffectiveSetting[] {
  readConfig(env);
  return SETTING_GROUPS.flatMap(({ settings }) =>
    Object.entries<z.ZodType>(settings).map(([variable, schema]) => {
      const given = env[variable] || undefined;
      return {
        variable,
        value: given === undefined ? defaultOf(schema) : masked(variable, given),
        source: given === undefined ? ('default' as const) : ('environment' as const),
        description: schema.description ?? '',
      };
    }),
  );
}

/** The default as it would be given; empty where there is none. */
export function defaultOf(schema: z.ZodType): string {
  const value = schema.parse(undefined) as boolean | number | string | string[] | undefined;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value?.toString() ?? '';
}

/** How the variables begin that are ours alone. */
const PREFIXES = [
  'DATABASE_',
  'GENERATION_',
  'HEALTH_',
  'JWT_',
  'OPERATIONS_',
  'OPERATION_',
  'RATE_',
  'REDIS_',
  'RESPONSE_',
  'SAMPLE_',
  'SERIES_',
  'SNAPSHOT_',
  'TRUST_',
  'WEBSOCKETS_',
];

/** Warnings of variables that look like settings, and are none. */
export function unknownSettings(env: NodeJS.ProcessEnv): string[] {
  const known = Object.keys(ENVIRONMENT.shape);
  return Object.keys(env).flatMap((variable) => {
    if (known.includes(variable)) return [];
    const name = variable.toUpperCase();
    const [nearest] = known
      .map((setting) => ({ setting, distance: leven(name, setting) }))
      // A short name is near to many others: HOME to HOST.
      .filter(({ setting, distance }) => distance <= (setting.length < 8 ? 1 : 2))
      .toSorted((a, b) => a.distance - b.distance);
    const isOurs = PREFIXES.some((prefix) => name.startsWith(prefix));
    if (!nearest && !isOurs) return [];
    const hint = nearest
      ? `Did you mean ${nearest.setting}?`
      : '`rolling-metrics config` lists the settings.';
    return `${variable} is no setting, and has no effect. ${hint}`;
  });
}
