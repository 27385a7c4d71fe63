import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_THRESHOLDS } from '../src/aggregates/status/health.js';
import { effectiveSettings, readConfig, unknownSettings } from '../src/config.js';
import { Failure } from '../src/errors.js';
import { DEFAULT_LIMITS } from '../src/limits/limits-config.js';
import { withSection } from '../src/markdown.js';
import { settingsDocument, settingsTable } from '../src/settings-document.js';

const URL_OF_SERVER = 'postgres://metrics:secret@db.example:5433/metrics';

function failureOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  throw new Error('expected a Failure');
}

test('defaults: the embedded database, on the loopback address, to be explored', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 4000,
    database: { engine: 'embedded', dataDir: resolve('.data') },
    databaseWaitSeconds: 30,
    sampleData: true,
    access: {
      required: 'keyed',
      refuseUnconfigured: false,
      explorable: true,
      jwt: null,
      allowedHosts: [],
    },
    explore: null,
    cache: {
      maxBytes: 150_994_944,
      maxSeriesAge: 5_400_000,
      maxResponseAge: 1_800_000,
      snapshotMaxAge: 500,
    },
    limits: DEFAULT_LIMITS,
    trustedProxies: [],
    redisUrl: null,
    corsOrigins: [],
    policyRunner: 'application',
    thresholds: DEFAULT_THRESHOLDS,
    logLevel: 'warn',
  });
});

test('every variable is read', () => {
  expect(
    readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      DATABASE_WAIT_SECONDS: '2.5',
      DATA_DIR: '/var/lib/metrics',
      SERIES_CACHE_MB: '1',
      SERIES_CACHE_MAX_AGE: '2',
      SNAPSHOT_MAX_AGE_MS: '3',
      SAMPLE_DATA: 'off',
      HEALTH_WARNING_LAG_SECONDS: '1',
      HEALTH_WARNING_LAG_SCHEDULES: '2.5',
      HEALTH_DEGRADED_LAG_SECONDS: '3',
      HEALTH_DEGRADED_LAG_SCHEDULES: '4.5',
      HEALTH_DEGRADED_FAILURES: '5',
      HEALTH_SOURCE_AGE_DAYS: '6',
      POLICIES: 'application',
      OPERATION_MAX_TOKENS: '11',
      OPERATION_MAX_DEPTH: '12',
      OPERATION_MAX_ALIASES: '0',
      OPERATION_MAX_FIELDS: '14',
      OPERATION_MAX_COST: '15',
      OPERATIONS_MAX_COST: '19',
      OPERATION_TIMEOUT_MS: '0',
      RESPONSE_MAX_BYTES: '16000',
      RATE_LIMIT: '0',
      WEBSOCKETS_PER_CALLER: '17',
      DATABASE_QUEUE: '18',
      ALLOWED_HOSTS: 'Metrics.example',
      TRUST_PROXY: 'loopback, 10.0.0.0/8',
      REDIS_URL: 'redis://cache.example:6379',
      CORS_ORIGINS: 'https://app.example, http://localhost:3000',
      LOG_LEVEL: 'silent',
    }),
  ).toEqual({
    host: '0.0.0.0',
    port: 0,
    database: { engine: 'embedded', dataDir: '/var/lib/metrics' },
    databaseWaitSeconds: 2.5,
    sampleData: false,
    access: {
      required: 'always',
      refuseUnconfigured: true,
      explorable: false,
      jwt: null,
      allowedHosts: ['metrics.example'],
    },
    explore: false,
    cache: {
      maxBytes: 589_824,
      maxSeriesAge: 1500,
      maxResponseAge: 500,
      snapshotMaxAge: 3,
    },
    limits: {
      operation: { maxTokens: 11, maxDepth: 12, maxAliases: 0, maxFields: 14, maxCost: 15 },
      maxConcurrentCost: 19,
      maxResponseBytes: 16_000,
      timeoutMs: 0,
      requestsPerMinute: 0,
      connectionsPerCaller: 17,
      maxWaiting: 18,
    },
    trustedProxies: ['loopback', '10.0.0.0/8'],
    redisUrl: 'redis://cache.example:6379',
    corsOrigins: ['https://app.example', 'http://localhost:3000'],
    policyRunner: 'application',
    thresholds: {
      warningLagSeconds: 1,
      warningLagSchedules: 2.5,
      degradedLagSeconds: 3,
      degradedLagSchedules: 4.5,
      degradedFailures: 5,
      sourceAgeDays: 6,
    },
    logLevel: 'silent',
  });
});

test.each([
  ['TRUST_PROXY', 'everybody', 'must be addresses or subnets'],
  ['REDIS_URL', 'http://cache.example', 'must be a redis:// or rediss:// address'],
])('%s=%s is refused', (variable, value, rule) => {
  expect(failureOf({ [variable]: value })).toContain(`${variable} ${rule}`);
});

test('policies are run by a server itself where there is one, unless POLICIES says otherwise', () => {
  const runner = (env: NodeJS.ProcessEnv) => readConfig(env).policyRunner;
  expect(runner({ DATABASE_URL: URL_OF_SERVER })).toBe('database');
  expect(runner({ DATABASE_URL: URL_OF_SERVER, POLICIES: 'application' })).toBe('application');
  expect(failureOf({ POLICIES: 'database' })).toContain(
    'POLICIES is for a TimescaleDB server: set DATABASE_URL, or unset POLICIES',
  );
});

test('the age of the source is not looked at where HEALTH_SOURCE_AGE_DAYS is off', () => {
  const days = (value: string) =>
    readConfig({ HEALTH_SOURCE_AGE_DAYS: value }).thresholds.sourceAgeDays;
  expect(days('off')).toBeNull();
  expect(days('1.5')).toBe(1.5);
  for (const value of ['0', '-1', 'on'])
    expect(() => days(value)).toThrow('HEALTH_SOURCE_AGE_DAYS');
});

describe('a server', () => {
  test('is used where DATABASE_URL is set, whatever DATA_DIR says', () => {
    expect(readConfig({ DATABASE_URL: URL_OF_SERVER, DATA_DIR: '/elsewhere' }).database).toEqual({
      engine: 'server',
      url: URL_OF_SERVER,
      replicaUrls: [],
      replicaMaxLagMs: 10_000,
      poolSize: 10,
    });
  });

  test('has replicas, a list with or without spaces and empty places', () => {
    const { database } = readConfig({
      DATABASE_URL: URL_OF_SERVER,
      DATABASE_REPLICA_URLS: ' postgres://one/metrics,, postgresql://two/metrics ,',
      DATABASE_POOL_SIZE: '12',
      REPLICA_MAX_LAG_MS: '2000',
    });
    expect(database).toEqual({
      engine: 'server',
      url: URL_OF_SERVER,
      replicaUrls: ['postgres://one/metrics', 'postgresql://two/metrics'],
      replicaMaxLagMs: 2000,
      poolSize: 12,
    });
  });

  test('needs a pool with a connection for each aggregate that is refreshed, and for others', () => {
    const env = { DATABASE_URL: URL_OF_SERVER };
    expect(failureOf({ ...env, DATABASE_POOL_SIZE: '5' })).toContain(
      'DATABASE_POOL_SIZE must be at least 6, but is "5"',
    );
    expect(readConfig({ ...env, DATABASE_POOL_SIZE: '6' }).database).toMatchObject({ poolSize: 6 });
  });

  test('of another kind is refused, also as a replica', () => {
    expect(
      failureOf({
        DATABASE_URL: 'mysql://db/metrics',
        DATABASE_REPLICA_URLS: 'postgres://one/metrics,two',
      }).split('\n'),
    ).toEqual([
      'The environment is not right:',
      '  DATABASE_URL must be a postgres:// address, but is "mysql://db/metrics"',
      '  DATABASE_REPLICA_URLS must be a postgres:// address, but is "postgres://one/metrics,two"',
    ]);
  });
});

test('a fault in an address does not show its password', () => {
  const failure = failureOf({ DATABASE_URL: 'mysql://me:s3cr@t@db/metrics' });
  expect(failure).toContain('but is "mysql://me:***@db/metrics"');
});

describe('a server with TLS', () => {
  const urlOf = (query: string): unknown => {
    const { database } = readConfig({ DATABASE_URL: `${URL_OF_SERVER}${query}` });
    return database.engine === 'server' && database.url;
  };

  test.each(['?sslmode=verify-full', '?sslmode=disable', '?sslrootcert=/ca.pem', ''])(
    'is requested as the address says: %s',
    (query) => expect(urlOf(query)).toBe(URL_OF_SERVER + query),
  );

  test.each(['prefer', 'require', 'verify-ca'])('is verified with sslmode=%s', (mode) => {
    expect(urlOf(`?sslrootcert=/ca.pem&sslmode=${mode}&x=1`)).toBe(
      `${URL_OF_SERVER}?sslrootcert=/ca.pem&sslmode=verify-full&x=1`,
    );
  });

  test.each(['?sslmode=no-verify', '?ssl=no-verify', '?uselibpqcompat=true&sslmode=require'])(
    'is refused where the server is not verified: %s',
    (query) => {
      const DATABASE_URL = `${URL_OF_SERVER}${query}`;
      expect(failureOf({ DATABASE_URL })).toContain('must not request TLS with a server');
      expect(
        failureOf({ DATABASE_URL: URL_OF_SERVER, DATABASE_REPLICA_URLS: DATABASE_URL }),
      ).toContain('DATABASE_REPLICA_URLS must');
      expect(failureOf({ DATABASE_URL })).not.toContain('secret');
    },
  );
});

test('PGSSLMODE does not get around that', () => {
  expect(failureOf({ PGSSLMODE: 'no-verify' })).toContain('PGSSLMODE must');
});

test.each(['*', 'app.example', 'https://app.example/', 'https://app.example/path', 'null'])(
  'CORS_ORIGINS=%s is no list of origins',
  (CORS_ORIGINS) => expect(failureOf({ CORS_ORIGINS })).toContain(`but is "${CORS_ORIGINS}"`),
);

test('every wrong variable is named at once, with its value', () => {
  const wrong = {
    PORT: '65536',
    DATABASE_URL: 'localhost',
    DATABASE_POOL_SIZE: '0',
    SAMPLE_DATA: 'yes',
    EXPLORE: 'true',
    HEALTH_WARNING_LAG_SECONDS: '0',
    HEALTH_WARNING_LAG_SCHEDULES: '-1',
    HEALTH_DEGRADED_LAG_SECONDS: 'a day',
    HEALTH_DEGRADED_LAG_SCHEDULES: 'NaN',
    HEALTH_DEGRADED_FAILURES: 'Infinity',
    LOG_LEVEL: 'loud',
  };
  const [title, ...faults] = failureOf({ ...wrong, HOST: '::1', UNKNOWN: 'x' }).split('\n');
  expect(title).toBe('The environment is not right:');
  expect(faults.map((fault) => fault.replace(/must .*, but/, '…')).toSorted()).toEqual(
    Object.entries(wrong)
      .map(([variable, value]) => `  ${variable} … is "${value}"`)
      .toSorted(),
  );
});

test.each(['-1', '80.5', 'abc', '4000 ; rm'])('PORT=%s is no port', (PORT) => {
  expect(failureOf({ PORT })).toContain(
    `PORT must be a whole number from 0 to 65535, but is "${PORT}"`,
  );
});

test.each([
  ['DATBASE_URL', 'Did you mean DATABASE_URL?'],
  ['LOGLEVEL', 'Did you mean LOG_LEVEL?'],
  ['port', 'Did you mean PORT?'],
  ['OPERATION_MAX_COSTS', 'Did you mean OPERATION_MAX_COST?'],
  ['HEALTH_COLOUR', '`rolling-metrics config` lists the settings.'],
])('%s is said to be no setting', (variable, hint) => {
  expect(unknownSettings({ [variable]: '1' })).toEqual([
    `${variable} is no setting, and has no effect. ${hint}`,
  ]);
});

test('variables of others, and the settings, are left alone', () => {
  const others = ['HOME', 'PATH', 'HOSTNAME', 'NODE_OPTIONS', 'PGHOST', 'npm_config_port', 'PWD'];
  const env = Object.fromEntries(
    [...others, 'PORT', 'HOST', 'JWT_SECRET'].map((name) => [name, '1']),
  );
  expect(unknownSettings(env)).toEqual([]);
});

test('an empty variable is an unset one', () => {
  const empty = Object.fromEntries(
    [
      'NODE_ENV',
      'HOST',
      'PORT',
      'DATABASE_URL',
      'DATABASE_REPLICA_URLS',
      'DATABASE_POOL_SIZE',
      'DATA_DIR',
      'SAMPLE_DATA',
      'EXPLORE',
      'HEALTH_WARNING_LAG_SECONDS',
      'HEALTH_DEGRADED_FAILURES',
      'LOG_LEVEL',
    ].map((variable) => [variable, '']),
  );
  expect(readConfig(empty)).toEqual(readConfig({}));
});

const TOKENS = {
  JWT_SECRET: 'a secret of thirty-two bytes or more',
  JWT_ISSUER: 'https://issuer.example',
  JWT_AUDIENCE: 'metrics',
};

describe('access', () => {
  test.each<[string, NodeJS.ProcessEnv, string, boolean]>([
    ['on loopback only once there is a key', {}, 'keyed', false],
    ['in production', { NODE_ENV: 'production' }, 'always', false],
    ['where others can reach it', { HOST: '0.0.0.0' }, 'always', true],
    ['where tokens are configured', TOKENS, 'always', false],
    ['where others can reach it, with tokens', { ...TOKENS, HOST: '0.0.0.0' }, 'always', false],
    ['where it is said', { ACCESS: 'required' }, 'always', false],
    [
      'not where that is said',
      { HOST: '::', NODE_ENV: 'production', ACCESS: 'open' },
      'never',
      false,
    ],
  ])('is required %s', (_, env, required, refuseUnconfigured) => {
    expect(readConfig(env).access).toMatchObject({ required, refuseUnconfigured });
  });

  test('by tokens signed with a secret', () => {
    expect(readConfig(TOKENS).access.jwt).toEqual({
      secret: TOKENS.JWT_SECRET,
      issuer: TOKENS.JWT_ISSUER,
      audience: 'metrics',
      clockSkewSeconds: 30,
    });
  });

  test('by tokens signed with the keys of an address', () => {
    const { JWT_ISSUER, JWT_AUDIENCE } = TOKENS;
    const JWT_JWKS_URL = 'https://issuer.example/keys';
    const more = { JWT_ALGORITHMS: 'EdDSA, ES384', JWT_CLOCK_SKEW_SECONDS: '0' };
    const env = { JWT_ISSUER, JWT_AUDIENCE, JWT_JWKS_URL };
    const common = { jwksUrl: JWT_JWKS_URL, issuer: JWT_ISSUER, audience: 'metrics' };
    expect(readConfig(env).access.jwt).toEqual({
      ...common,
      algorithms: ['RS256', 'PS256', 'ES256'],
      clockSkewSeconds: 30,
    });
    expect(readConfig({ ...env, ...more }).access.jwt).toEqual({
      ...common,
      algorithms: ['EdDSA', 'ES384'],
      clockSkewSeconds: 0,
    });
  });

  test.each<[NodeJS.ProcessEnv, string[]]>([
    [{ ACCESS: 'on' }, ['ACCESS must be required or open, but is "on"']],
    [{ JWT_ISSUER: 'x' }, ['JWT_ISSUER needs JWT_SECRET or JWT_JWKS_URL']],
    [{ ...TOKENS, JWT_AUDIENCE: '' }, ['JWT_AUDIENCE must be given with JWT_SECRET']],
    [
      { ...TOKENS, JWT_JWKS_URL: 'https://issuer.example/keys' },
      ['JWT_JWKS_URL excludes JWT_SECRET: give one of them'],
    ],
    [{ ...TOKENS, JWT_ALGORITHMS: 'none' }, ['JWT_ALGORITHMS must be RS256, RS384']],
    [{ ...TOKENS, JWT_ALGORITHMS: 'RS256,HS256' }, ['JWT_ALGORITHMS must be RS256, RS384']],
    [
      { ...TOKENS, JWT_CLOCK_SKEW_SECONDS: '301' },
      ['JWT_CLOCK_SKEW_SECONDS must be at most 300, but is "301"'],
    ],
    [
      { ...TOKENS, JWT_SECRET: '', JWT_JWKS_URL: 'http://issuer.example' },
      ['JWT_JWKS_URL must be an https:// address'],
    ],
  ])('is refused where it is wrong: %j', (env, faults) => {
    const [, ...named] = failureOf(env).split('\n');
    expect(named).toHaveLength(faults.length);
    faults.forEach((fault, index) => expect(named[index]).toContain(`  ${fault}`));
  });

  test('a secret that is too short is not repeated', () => {
    const failure = failureOf({ ...TOKENS, JWT_SECRET: 'hunter2' });
    expect(failure).toContain('  JWT_SECRET must have at least 32 bytes');
    expect(failure).not.toContain('hunter2');
  });
});

describe('the Sandbox and introspection', () => {
  // Null: unless there is a key.
  test.each<[string, NodeJS.ProcessEnv, boolean | null]>([
    ['127.0.0.1', { HOST: '127.0.0.1' }, null],
    ['another loopback address', { HOST: '127.1.2.3' }, null],
    ['localhost', { HOST: 'localhost' }, null],
    ['::1', { HOST: '::1' }, null],
    ['every address', { HOST: '0.0.0.0' }, false],
    ['every address of IPv6', { HOST: '::' }, false],
    ['an address of the network', { HOST: '192.168.1.10' }, false],
    ['a name that only begins like the loopback', { HOST: '127.0.0.1.example' }, false],
    ['production', { NODE_ENV: 'production' }, false],
    ['development', { NODE_ENV: 'development' }, null],
    ['an address of the network that is open to all', { HOST: '::', ACCESS: 'open' }, false],
    ['a server with tokens', TOKENS, false],
  ])('are offered on %s as it should be', (_, env, explore) => {
    expect(readConfig(env).explore).toBe(explore);
    // Said outright, it is as said.
    expect(readConfig({ ...env, EXPLORE: 'on' }).explore).toBe(true);
    expect(readConfig({ ...env, EXPLORE: 'off' }).explore).toBe(false);
  });
});

describe('the settings in effect', () => {
  const settingOf = (env: NodeJS.ProcessEnv, name: string): object =>
    effectiveSettings(env).find(({ variable }) => variable === name)!;

  test('each has a description', () => {
    expect(effectiveSettings({}).filter(({ description }) => description === '')).toEqual([]);
  });

  test('name their source; a value is shown as it would be given', () => {
    expect(settingOf({ PORT: '80' }, 'PORT')).toMatchObject({ value: '80', source: 'environment' });
    expect(settingOf({ PORT: '' }, 'PORT')).toMatchObject({ value: '4000', source: 'default' });
    expect(settingOf({}, 'SAMPLE_DATA')).toMatchObject({ value: 'on' });
    expect(settingOf({}, 'HEALTH_SOURCE_AGE_DAYS')).toMatchObject({ value: '5' });
    expect(settingOf({}, 'DATABASE_URL')).toMatchObject({ value: '' });
  });

  test('secrets are masked, of each address in a list', () => {
    const JWT_SECRET = 'x'.repeat(32);
    const env = {
      JWT_SECRET,
      JWT_ISSUER: 'a',
      JWT_AUDIENCE: 'b',
      DATABASE_URL: URL_OF_SERVER,
      DATABASE_REPLICA_URLS: `${URL_OF_SERVER},${URL_OF_SERVER}`,
    };
    expect(JSON.stringify(effectiveSettings(env))).not.toMatch(/xxx|secret@/);
  });

  test.each([
    'postgres://app:s3cr,et@db.example/metrics',
    'postgres://me@corp:secret@db.example/metrics',
    'postgres://db.example/metrics?user=app&password=secret',
  ])('no password is shown of %s', (DATABASE_URL) => {
    const shown = JSON.stringify(settingOf({ DATABASE_URL }, 'DATABASE_URL'));
    expect(shown).toContain('db.example');
    expect(shown).not.toMatch(/secret|s3cr|et@/);
  });

  test.each(['app:secret@host/db', 'host=db password=secret'])(
    'nor of %s, which is refused',
    (text) => {
      expect(failureOf({ DATABASE_URL: text })).not.toContain('secret');
    },
  );

  test('a wrong one is refused by its name', () => {
    expect(() => effectiveSettings({ PORT: 'abc' })).toThrow(/PORT must be/);
  });

  test('README.md and docs/settings.md list them; npm run docs fixes it', async () => {
    const readme = await readFile('README.md', 'utf8');
    expect(withSection(readme, 'The table of settings', settingsTable())).toBe(readme);
    expect(settingsDocument()).toBe(await readFile('docs/settings.md', 'utf8'));
  });
});
