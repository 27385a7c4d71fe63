import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'rolling-metrics';

/** A key that signs tokens, and its public half. */
export interface SigningKey {
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
}

export async function createSigningKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

/** The claims of a token that is right at `now`. */
export function claims(now: Date, more: JWTPayload = {}): JWTPayload {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'ada',
    tenant: 'acme',
    role: 'writer',
    exp: seconds + 60,
    ...more,
  };
}

export function sign({ jwk, privateKey }: SigningKey, payload: JWTPayload): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: jwk.alg!, kid: jwk.kid! }).sign(privateKey);
}

export function signWithSecret(
  secret: string,
  payload: JWTPayload,
  alg = 'HS256',
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

/** An issuer's address with its keys, on a real port of this machine. */
export interface JwksServer {
  readonly url: string;
  /** What it responds with from now on. */
  serve(keys: readonly SigningKey[] | { readonly status: number }): void;
  /** How many requests it received. */
  requests(): number;
  close(): Promise<void>;
}

export async function startJwksServer(): Promise<JwksServer> {
  let requests = 0;
  let current: { status: number; body: unknown } = { status: 200, body: { keys: [] } };
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(current.status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(current.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    serve(keys) {
      current =
        'status' in keys
          ? { ...keys, body: {} }
          : { status: 200, body: { keys: keys.map(({ jwk }) => jwk) } };
    },
    requests: () => requests,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
