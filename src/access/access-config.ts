import { z } from 'zod';
import { isLoopback } from './loopback.js';

/** What a JWKS may be used with: signatures by a private key that is not here. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** HS256 is as strong as its secret; RFC 7518 wants as many bits as the hash has. */
const MIN_SECRET_BYTES = 32;

/** How tokens are checked. */
export type JwtConfig = {
  readonly issuer: string;
  readonly audience: string;
  readonly clockSkewSeconds: number;
} & (
  { readonly secret: string } | { readonly jwksUrl: string; readonly algorithms: readonly string[] }
);

/** Which callers are admitted. */
export interface AccessConfig {
  /** `keyed`: a credential is required as soon as there is a key. */
  readonly required: 'always' | 'keyed' | 'never';
  /** Whether to refuse to start if no caller could authenticate, because the server is reachable from other hosts. */
  readonly refuseUnconfigured: boolean;
  /** Whether the Sandbox and introspection may be offered unasked, if no key is there either. */
  readonly explorable: boolean;
  readonly jwt: JwtConfig | null;
  /** Names besides those of loopback under which requests without a credential are accepted. */
  readonly allowedHosts: readonly string[];
}

const text = z.string().min(1).optional();

/** The variables of access. */
export const ACCESS_ENVIRONMENT = {
  ACCESS: z
    .enum(['required', 'open'])
    .optional()
    .describe(
      'Whether a credential is required; unset: on an address others can reach, in production, with tokens, or once a key exists.',
    ),
  JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= MIN_SECRET_BYTES, {
      error: `must have at least ${MIN_SECRET_BYTES} bytes`,
    })
    .optional()
    .describe('The secret that tokens are signed with by HS256, at least 32 bytes.'),
  JWT_JWKS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an https:// address' })
    .refine((url) => !url.startsWith('http:') || isLoopback(new URL(url).hostname), {
      error: 'must be an https:// address: over http:// others can change the keys on their way',
    })
    .optional()
    .describe('Instead of a secret: the address of the public keys of the issuer of tokens.'),
  JWT_ISSUER: text.describe('The claim `iss` that tokens must have.'),
  JWT_AUDIENCE: text.describe('The claim `aud` that tokens must have.'),
  JWT_ALGORITHMS: z
    .string()
    .default('RS256,PS256,ES256')
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(ALGORITHMS)).min(1))
    .describe('The algorithms that tokens may be signed with, separated by commas.'),
  ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((host) => host.trim().toLowerCase() || []))
    .pipe(
      z.array(
        z
          .string()
          .refine(
            (host) => URL.canParse(`http://${host}`) && new URL(`http://${host}`).host === host,
            {
              error:
                'must be host names such as metrics.example, without a scheme, a port or a path',
            },
          ),
      ),
    )
    .describe(
      'Names besides `localhost` under which requests without a credential are accepted, separated by commas.',
    ),
  JWT_CLOCK_SKEW_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(300)
    .default(30)
    .describe("How much the issuer's clock may differ, in seconds."),
};
const SETTINGS = z.object(ACCESS_ENVIRONMENT);
type AccessSettings = z.output<typeof SETTINGS>;

/** Faults of settings that are right one by one, with the variable to fix. */
export function accessFaults({
  JWT_SECRET,
  JWT_JWKS_URL,
  JWT_ISSUER,
  JWT_AUDIENCE,
}: AccessSettings): { readonly variable: string; readonly message: string }[] {
  const by = JWT_JWKS_URL === undefined ? 'JWT_SECRET' : 'JWT_JWKS_URL';
  const fault = (variable: string, message: string): [{ variable: string; message: string }] => [
    { variable, message },
  ];
  if (JWT_SECRET === undefined && JWT_JWKS_URL === undefined) {
    return Object.entries({ JWT_ISSUER, JWT_AUDIENCE }).flatMap(([variable, value]) =>
      value === undefined ? [] : fault(variable, 'needs JWT_SECRET or JWT_JWKS_URL'),
    );
  }
  return [
    ...(JWT_SECRET !== undefined && JWT_JWKS_URL !== undefined
      ? fault('JWT_JWKS_URL', 'excludes JWT_SECRET: give one of them')
      : []),
    ...Object.entries({ JWT_ISSUER, JWT_AUDIENCE }).flatMap(([variable, value]) =>
      value === undefined ? fault(variable, `must be given with ${by}`) : [],
    ),
  ];
}

/** What the settings say of access on a server that others can reach or that is in production. */
export function accessConfig(
  settings: AccessSettings,
  { exposed, production }: { readonly exposed: boolean; readonly production: boolean },
): AccessConfig {
  const jwt = jwtConfig(settings);
  const open = settings.ACCESS === 'open';
  const guarded = settings.ACCESS === 'required' || exposed || production || jwt !== null;
  const otherwise = guarded ? 'always' : 'keyed';
  return {
    required: open ? 'never' : otherwise,
    refuseUnconfigured: exposed && !open && jwt === null,
    explorable: !guarded,
    jwt,
    allowedHosts: settings.ALLOWED_HOSTS,
  };
}

function jwtConfig(settings: AccessSettings): JwtConfig | null {
  const { JWT_SECRET: secret, JWT_JWKS_URL: jwksUrl } = settings;
  if (secret === undefined && jwksUrl === undefined) return null;
  const claims = {
    issuer: settings.JWT_ISSUER!,
    audience: settings.JWT_AUDIENCE!,
    clockSkewSeconds: settings.JWT_CLOCK_SKEW_SECONDS,
  };
  return jwksUrl === undefined
    ? { ...claims, secret: secret! }
    : { ...claims, jwksUrl, algorithms: settings.JWT_ALGORITHMS };
}
