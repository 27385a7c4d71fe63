import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportSPKI, importJWK, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose';
import {
  createTokenVerifier,
  type TokenVerifier,
  type Verified,
} from '../../src/access/token-verifier.js';
import { messageOf } from '../../src/errors.js';
import {
  AUDIENCE,
  claims,
  createSigningKey,
  ISSUER,
  sign,
  signWithSecret,
  startJwksServer,
  type JwksServer,
  type SigningKey,
} from './jwks-server.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const SECRET = 'a secret of thirty-two bytes or more';
const COMMON = { issuer: ISSUER, audience: AUDIENCE, clockSkewSeconds: 30 };
const ACCEPTED = { caller: { name: 'jwt:ada', role: 'writer', tenant: 'acme' } };
const REFUSED = { reason: expect.any(String) };

const now = (): Date => NOW;

describe('with a secret', () => {
  let verify: TokenVerifier;
  beforeAll(() => {
    verify = createTokenVerifier({ ...COMMON, secret: SECRET }, now);
  });

  const verified = async (more: JWTPayload = {}): Promise<Verified> =>
    verify(await signWithSecret(SECRET, claims(NOW, more)));

  test('a token names its caller', async () => {
    expect(await verified()).toEqual(ACCEPTED);
    expect(await verified({ tenant: '*', role: 'operator', sub: 'root' })).toEqual({
      caller: { name: 'jwt:root', role: 'operator', tenant: '*' },
    });
    expect(await verified({ aud: ['other', AUDIENCE] })).toEqual(ACCEPTED);
    for (const sub of [undefined, '', 5]) {
      const more = { sub } as JWTPayload;
      expect(await verified(more)).toMatchObject({ caller: { name: 'jwt' } });
    }
  });

  test.each<[string, JWTPayload]>([
    ['of another issuer', { iss: 'https://other.example' }],
    ['for another audience', { aud: 'other' }],
    ['that is expired', { exp: SECONDS - 31 }],
    ['that is not valid yet', { nbf: SECONDS + 31 }],
    ['without a role', { role: undefined }],
    ['with an unknown role', { role: 'admin' }],
    ['with a list of roles', { role: ['operator'] }],
    ['without a tenant', { tenant: undefined }],
    ['with an empty tenant', { tenant: '' }],
    ['with a number for a tenant', { tenant: 1 }],
    ['without an issuer', { iss: undefined } as unknown as JWTPayload],
    ['without an audience', { aud: undefined } as unknown as JWTPayload],
    ['that never expires', { exp: undefined } as unknown as JWTPayload],
  ])('one %s is refused', async (_, more) => {
    expect(await verified(more)).toEqual(REFUSED);
  });

  test('clocks may differ by the skew', async () => {
    expect(await verified({ exp: SECONDS - 29 })).toEqual(ACCEPTED);
    expect(await verified({ nbf: SECONDS + 29 })).toEqual(ACCEPTED);
  });

  test('another secret, another algorithm, none, and what is no token are refused', async () => {
    expect(await verify(await signWithSecret(`${SECRET}!`, claims(NOW)))).toEqual(REFUSED);
    expect(await verify(await signWithSecret(SECRET, claims(NOW), 'HS384'))).toEqual(REFUSED);
    expect(await verify(await signWithSecret(SECRET, claims(NOW), 'HS512'))).toEqual(REFUSED);
    expect(await verify(new UnsecuredJWT(claims(NOW)).encode())).toEqual(REFUSED);
    const token = await signWithSecret(SECRET, claims(NOW));
    const [head, payload, signature] = token.split('.') as [string, string, string];
    const other = Buffer.from(JSON.stringify(claims(NOW, { role: 'operator' })));
    for (const text of [
      'nonsense',
      '..',
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${head}.${other.toString('base64url')}.${signature}`,
      '\u0000',
    ]) {
      expect(await verify(text)).toEqual(REFUSED);
    }
  });
});

describe('with the keys of an address', () => {
  let jwks: JwksServer;
  let first: SigningKey;
  let second: SigningKey;
  beforeAll(async () => {
    jwks = await startJwksServer();
    first = await createSigningKey('first');
    second = await createSigningKey('second', 'RS256');
  });
  afterAll(() => jwks.close());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const verifier = (algorithms = ['ES256', 'RS256']): TokenVerifier =>
    createTokenVerifier({ ...COMMON, jwksUrl: jwks.url, algorithms }, now);

  test('a token of theirs is taken, and the keys are fetched once', async () => {
    jwks.serve([first]);
    const verify = verifier();
    const before = jwks.requests();
    for (let count = 0; count < 5; count++) {
      expect(await verify(await sign(first, claims(NOW)))).toEqual(ACCEPTED);
    }
    expect(jwks.requests() - before).toBe(1);
  });

  test('a new key is found, a key that is gone is forgotten, and unknown ones are looked for seldom', async () => {
    jwks.serve([first]);
    const verify = verifier();
    const started = Date.now();
    const at = (ms: number): unknown => jest.spyOn(Date, 'now').mockReturnValue(started + ms);
    expect(await verify(await sign(first, claims(NOW)))).toEqual(ACCEPTED);
    jwks.serve([second]);
    const before = jwks.requests();
    for (let count = 0; count < 5; count++)
      expect(await verify(await sign(second, claims(NOW)))).toEqual(REFUSED);
    expect(jwks.requests()).toBe(before);
    at(11_000);
    expect(await verify(await sign(second, claims(NOW)))).toEqual(ACCEPTED);
    expect(await verify(await sign(first, claims(NOW)))).toEqual(REFUSED);
  });

  test('a key that is gone is forgotten after five minutes though nothing else is new', async () => {
    jwks.serve([first, second]);
    const verify = verifier();
    const started = Date.now();
    expect(await verify(await sign(second, claims(NOW)))).toEqual(ACCEPTED);
    jwks.serve([first]);
    jest.spyOn(Date, 'now').mockReturnValue(started + 301_000);
    expect(await verify(await sign(second, claims(NOW)))).toEqual(REFUSED);
  });

  test('a token signed with the public key for a secret is refused', async () => {
    jwks.serve([second]);
    const pem = await exportSPKI((await importJWK(second.jwk, 'RS256')) as CryptoKey);
    expect(await verifier()(await signWithSecret(pem, claims(NOW)))).toEqual(REFUSED);
  });

  test('an algorithm that is not allowed is refused, whatever the keys say', async () => {
    jwks.serve([second]);
    expect(await verifier(['ES256'])(await sign(second, claims(NOW)))).toEqual(REFUSED);
    expect(await verifier(['RS256'])(await sign(second, claims(NOW)))).toEqual(ACCEPTED);
  });

  test('where the keys cannot be fetched that is not the fault of the token', async () => {
    const token = await sign(first, claims(NOW));
    jwks.serve({ status: 500 });
    const reasons: string[] = [];
    const verifierOf = (jwksUrl: string): TokenVerifier =>
      createTokenVerifier({ ...COMMON, jwksUrl, algorithms: ['ES256'] }, now, (error) =>
        reasons.push(messageOf(error)),
      );
    const unavailable = { code: 'ISSUER_UNAVAILABLE' };
    const verify = verifierOf(jwks.url);
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    jwks.serve({ status: 200 });
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    jwks.serve([first]);
    expect(await verify(token)).toEqual(ACCEPTED);
    await expect(verifierOf('http://127.0.0.1:1/keys')(token)).rejects.toMatchObject(unavailable);
    expect(reasons).toEqual([
      expect.stringContaining('Expected 200 OK'),
      expect.stringContaining('JSON Web Key Set malformed'),
      expect.stringContaining('fetch failed'),
    ]);
  });
});
