import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { seededClock } from '../../test/support/seeded.ts';
import type { ProviderConfig } from '../config.ts';
import { toEpochMs } from '../kernel/instant.ts';
import {
  DEVELOPMENT_AUDIENCE,
  DEVELOPMENT_CLAIMS,
  DEVELOPMENT_ISSUER,
  mintDevelopmentToken,
} from './development-token.ts';
import { AuthMisconfigured, KeysUnavailable, Unauthenticated } from './faults.ts';
import { type TokenVerifier, tokenVerifier } from './verifier.ts';
import { CLOCK_TOLERANCE_S, MAX_TOKEN_LIFE_S } from './verify-token.ts';

const clock = seededClock();
const NOW = Math.floor(toEpochMs(clock.now()) / 1000);
const KEY = new Uint8Array(32).fill(7);
const ISSUER = 'https://idp.example';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PUBLIC_PEM = rsa.publicKey.export({ type: 'spki', format: 'pem' });
const jwk = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), use: 'sig', ...more });
const KEYS = {
  keys: [jwk(rsa.publicKey, { kid: 'r1', alg: 'RS256' }), jwk(ec.publicKey, { kid: 'e1', alg: 'ES256' })],
};

const CLAIMS = {
  iss: ISSUER,
  aud: 'hrl',
  sub: 'regulator-7',
  exp: NOW + 600,
  iat: NOW,
  role: 'regulator',
  organisation: 'urn:uscc|1',
};
const HEADER = { alg: 'RS256', typ: 'JWT', kid: 'r1' };

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of whatever header and claims, signed by whatever: what libraries refuse to make. */
function forge(
  header: object,
  claims: object,
  how: KeyObject | { hmac: string | Uint8Array } | 'none' = rsa.privateKey,
): string {
  const input = `${b64(header)}.${b64(claims)}`;
  if (how === 'none') return `${input}.`;
  if ('hmac' in how) return `${input}.${createHmac('sha256', how.hmac).update(input).digest('base64url')}`;
  const key = how.asymmetricKeyType === 'ec' ? { key: how, dsaEncoding: 'ieee-p1363' as const } : how;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

async function reasonOf(verifier: TokenVerifier, token: string): Promise<string> {
  try {
    await verifier.verify(token);
  } catch (error) {
    if (error instanceof Unauthenticated) return error.reason;
    throw error;
  }
  return 'accepted';
}

let folder: string;
const fileOf = async (name: string, content: unknown): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const provider = (jwks: ProviderConfig['jwks'], more: Partial<ProviderConfig> = {}): ProviderConfig => ({
  jwks,
  issuer: ISSUER,
  audience: 'hrl',
  algorithms: ['RS256', 'ES256'],
  claims: DEVELOPMENT_CLAIMS,
  ...more,
});
const verifierOf = (config: ProviderConfig | undefined, host = '0.0.0.0'): Promise<TokenVerifier> =>
  tokenVerifier({ provider: config, host, developmentKey: KEY, clock });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-verifier-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a provider’s token', () => {
  let verifier: TokenVerifier;
  beforeAll(async () => {
    verifier = await verifierOf(provider({ file: await fileOf('jwks.json', KEYS) }));
  });

  it('that is signed, for us and of now says who asks, until when', async () => {
    expect(verifier.kind).toBe('provider');
    expect(await verifier.verify(forge(HEADER, CLAIMS))).toEqual({
      issuer: ISSUER,
      subject: 'regulator-7',
      role: 'regulator',
      until: '2026-11-22T03:14:05.000Z',
      organisation: { system: 'urn:uscc', number: '1' },
    });
  });

  it.each([
    ['ES256', forge({ ...HEADER, alg: 'ES256', kid: 'e1' }, CLAIMS, ec.privateKey)],
    ['no kid, where the algorithm leaves one key', forge({ alg: 'RS256' }, CLAIMS)],
    ['at+jwt', forge({ ...HEADER, typ: 'at+JWT' }, CLAIMS)],
    ['our audience among others', forge(HEADER, { ...CLAIMS, aud: ['account', 'hrl'] })],
    ['iat a little ahead', forge(HEADER, { ...CLAIMS, iat: NOW + CLOCK_TOLERANCE_S })],
    ['the longest life', forge(HEADER, { ...CLAIMS, exp: NOW + MAX_TOKEN_LIFE_S })],
    ['no iat', forge(HEADER, { ...CLAIMS, iat: undefined })],
  ])('with %s is accepted', async (_what, token) => {
    expect(await reasonOf(verifier, token)).toBe('accepted');
  });

  it.each([
    ['alg none', forge({ alg: 'none' }, CLAIMS, 'none')],
    ['alg None and a signature', forge({ ...HEADER, alg: 'None' }, CLAIMS)],
    ['no alg', forge({ typ: 'JWT', kid: 'r1' }, CLAIMS)],
    ['HS256 under the public key’s PEM', forge({ ...HEADER, alg: 'HS256' }, CLAIMS, { hmac: PUBLIC_PEM.toString() })],
    [
      'HS256 under the public key’s JWK',
      forge({ ...HEADER, alg: 'HS256' }, CLAIMS, { hmac: JSON.stringify(KEYS.keys[0]) }),
    ],
    ['HS256 under the development key', forge({ ...HEADER, alg: 'HS256' }, CLAIMS, { hmac: KEY })],
    ['another key under a known kid', forge(HEADER, CLAIMS, other.privateKey)],
    ['an unknown kid', forge({ ...HEADER, kid: 'r2' }, CLAIMS)],
    ['a kid that is a path', forge({ ...HEADER, kid: '../../../../dev/null' }, CLAIMS, { hmac: '' })],
    ['the kid of a key of another algorithm', forge({ ...HEADER, kid: 'e1' }, CLAIMS)],
    ['an algorithm that is not pinned', forge({ ...HEADER, alg: 'PS256' }, CLAIMS)],
    ['its own key in the header', forge({ ...HEADER, jwk: jwk(other.publicKey, {}) }, CLAIMS, other.privateKey)],
    [
      'a place to fetch keys from in the header',
      forge({ ...HEADER, jku: 'https://evil.example/jwks' }, CLAIMS, other.privateKey),
    ],
    ['a critical header that nobody knows', forge({ ...HEADER, crit: ['x'], x: 1 }, CLAIMS)],
    ['an unencoded payload', forge({ ...HEADER, b64: false, crit: ['b64'] }, CLAIMS)],
    ['a type for something else', forge({ ...HEADER, typ: 'logout+jwt' }, CLAIMS)],
    ['a type that is no text', forge({ ...HEADER, typ: ['JWT'] }, CLAIMS)],
    ['another issuer', forge(HEADER, { ...CLAIMS, iss: 'https://idp.example/' })],
    ['the development issuer', forge(HEADER, { ...CLAIMS, iss: DEVELOPMENT_ISSUER })],
    ['no issuer', forge(HEADER, { ...CLAIMS, iss: undefined })],
    ['another audience', forge(HEADER, { ...CLAIMS, aud: 'hrl2' })],
    ['a list of other audiences', forge(HEADER, { ...CLAIMS, aud: ['account', 'hrl '] })],
    ['an empty list of audiences', forge(HEADER, { ...CLAIMS, aud: [] })],
    ['an audience inside a list inside a list', forge(HEADER, { ...CLAIMS, aud: [['hrl']] })],
    ['no audience', forge(HEADER, { ...CLAIMS, aud: undefined })],
    ['no exp', forge(HEADER, { ...CLAIMS, exp: undefined })],
    ['exp as text', forge(HEADER, { ...CLAIMS, exp: String(NOW + 600) })],
    ['exp beyond all time', forge(HEADER, { ...CLAIMS, exp: 1e300 })],
    ['a life that is too long', forge(HEADER, { ...CLAIMS, exp: NOW + MAX_TOKEN_LIFE_S + CLOCK_TOLERANCE_S + 2 })],
    ['nbf ahead', forge(HEADER, { ...CLAIMS, nbf: NOW + CLOCK_TOLERANCE_S + 2 })],
    ['iat ahead', forge(HEADER, { ...CLAIMS, iat: NOW + CLOCK_TOLERANCE_S + 2 })],
    ['no subject', forge(HEADER, { ...CLAIMS, sub: undefined })],
    ['an empty subject', forge(HEADER, { ...CLAIMS, sub: '' })],
    ['a subject that is a number', forge(HEADER, { ...CLAIMS, sub: 7 })],
    ['no role', forge(HEADER, { ...CLAIMS, role: undefined })],
    ['claims that are a list', forge(HEADER, [CLAIMS])],
    ['claims that are no JSON', `${b64(HEADER)}.bm90IGpzb24.AAAA`],
    ['a header that is no JSON', 'bm90IGpzb24.e30.AAAA'],
  ])('with %s is not valid', async (_what, token) => {
    expect(await reasonOf(verifier, token)).toBe('invalid');
  });

  it('is not valid once a letter of it is another', async () => {
    const token = forge(HEADER, CLAIMS);
    const [header = '', claims = '', signature = ''] = token.split('.');
    const swapped = `${b64({ ...CLAIMS, sub: 'regulator-8' })}`;
    expect(await reasonOf(verifier, `${header}.${swapped}.${signature}`)).toBe('invalid');
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    expect(await reasonOf(verifier, `${header}.${claims}.${flipped}`)).toBe('invalid');
    expect(await reasonOf(verifier, token)).toBe('accepted');
  });

  it('has expired at its exp, whatever tolerance there is for clocks that are ahead', async () => {
    expect(await reasonOf(verifier, forge(HEADER, { ...CLAIMS, exp: NOW }))).toBe('expired');
    expect(await reasonOf(verifier, forge(HEADER, { ...CLAIMS, exp: NOW - CLOCK_TOLERANCE_S - 1 }))).toBe('expired');
    expect(await reasonOf(verifier, forge(HEADER, { ...CLAIMS, exp: NOW + 1 }))).toBe('accepted');
  });

  it('says nothing of itself in the fault', async () => {
    const secret = forge(HEADER, { ...CLAIMS, sub: 'PLANTED', aud: 'x' });
    const fault = await verifier.verify(secret).catch((error: unknown) => error as Unauthenticated);
    expect(`${(fault as Unauthenticated).message} ${(fault as Unauthenticated).next}`).not.toMatch(/PLANTED|eyJ/);
  });

  it('is no development token, and a development token is none of a provider', async () => {
    const minted = await mintDevelopmentToken(KEY, { role: 'regulator', subject: 's', minutes: 5 }, clock);
    expect(await reasonOf(verifier, minted)).toBe('invalid');
  });
});

describe('the keys of a provider', () => {
  it.each([
    ['is not there', undefined],
    ['is not JSON', '{'],
    ['is a list', '[]'],
    ['holds no key', { keys: [] }],
    ['holds a private key', { keys: [rsa.privateKey.export({ format: 'jwk' })] }],
    ['holds a shared secret', { keys: [{ kty: 'oct', k: 'AAAA' }] }],
  ])('in a file that %s stop the start', async (what, content) => {
    const file = content === undefined ? join(folder, 'absent') : await fileOf(`${what}.json`, content);
    await expect(verifierOf(provider({ file }))).rejects.toThrow(AuthMisconfigured);
  });

  it('that are too short or cannot be read make a token invalid that names one, and no other', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const broken = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: 'broken', alg: 'ES256', use: 'sig' };
    const set = { keys: [...KEYS.keys, jwk(short.publicKey, { kid: 'short', alg: 'RS256' }), broken] };
    const verifier = await verifierOf(provider({ file: await fileOf('of-no-use.json', set) }));
    expect(await reasonOf(verifier, forge({ ...HEADER, kid: 'short' }, CLAIMS, short.privateKey))).toBe('invalid');
    expect(await reasonOf(verifier, forge({ alg: 'ES256', kid: 'broken' }, CLAIMS, ec.privateKey))).toBe('invalid');
    expect(await reasonOf(verifier, forge(HEADER, CLAIMS))).toBe('accepted');
  });

  it('are not used under a shared secret’s algorithm', async () => {
    const file = await fileOf('algorithms.json', KEYS);
    for (const algorithms of [['HS256'], ['RS256', 'HS512'], ['none'], []]) {
      await expect(verifierOf(provider({ file }, { algorithms }))).rejects.toThrow(AuthMisconfigured);
    }
  });

  describe('behind a URL', () => {
    let server: Server;
    let url: URL;
    let served: { status: number; body: string };
    let fetched = 0;
    beforeAll(async () => {
      server = createServer((_req, res) => {
        fetched += 1;
        res.writeHead(served.status, { 'content-type': 'application/json' }).end(served.body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
      url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('are fetched when a token comes', async () => {
      served = { status: 200, body: JSON.stringify(KEYS) };
      const verifier = await verifierOf(provider({ url }));
      expect(await reasonOf(verifier, forge(HEADER, CLAIMS))).toBe('accepted');
      expect(await reasonOf(verifier, forge({ ...HEADER, kid: 'r2' }, CLAIMS))).toBe('invalid');
    });

    it('are not fetched for each token that names a key which nobody has', async () => {
      served = { status: 200, body: JSON.stringify(KEYS) };
      const verifier = await verifierOf(provider({ url }));
      const before = fetched;
      const strange = Array.from({ length: 30 }, (_, i) =>
        reasonOf(verifier, forge({ ...HEADER, kid: `x${i}` }, CLAIMS)),
      );
      expect(new Set(await Promise.all(strange))).toEqual(new Set(['invalid']));
      expect(fetched - before).toBeLessThan(3);
    });

    it('are unavailable once they are old and cannot be fetched again, also for a token whose key was known', async () => {
      served = { status: 200, body: JSON.stringify(KEYS) };
      const verifier = await verifierOf(provider({ url }));
      expect(await reasonOf(verifier, forge(HEADER, CLAIMS))).toBe('accepted');
      served = { status: 500, body: '{}' };
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60 * 60_000 });
      try {
        await expect(verifier.verify(forge(HEADER, CLAIMS))).rejects.toThrow(KeysUnavailable);
      } finally {
        vi.useRealTimers();
      }
    });

    it('and cannot be read are no outage: the token that names one is invalid', async () => {
      const broken = { kty: 'RSA', n: 'AQAB', kid: 'broken', alg: 'RS256', use: 'sig' };
      served = { status: 200, body: JSON.stringify({ keys: [...KEYS.keys, broken] }) };
      const verifier = await verifierOf(provider({ url }));
      expect(await reasonOf(verifier, forge({ ...HEADER, kid: 'broken' }, CLAIMS))).toBe('invalid');
      expect(await reasonOf(verifier, forge(HEADER, CLAIMS))).toBe('accepted');
    });

    it.each([
      ['answers with an error', { status: 500, body: '{}' }],
      ['answers with no key set', { status: 200, body: '{"keys":7}' }],
      ['answers with no JSON', { status: 200, body: 'hello' }],
    ])('that %s are unavailable: nobody can tell whether the token is valid', async (_what, answer) => {
      served = answer;
      const verifier = await verifierOf(provider({ url }));
      await expect(verifier.verify(forge(HEADER, CLAIMS))).rejects.toThrow(KeysUnavailable);
    });

    it('where nobody listens are unavailable', async () => {
      const nobody = new URL('http://127.0.0.1:9/jwks');
      const verifier = await verifierOf(provider({ url: nobody }));
      await expect(verifier.verify(forge(HEADER, CLAIMS))).rejects.toThrow(KeysUnavailable);
    });
  });
});

describe('a development token', () => {
  const claims = { ...CLAIMS, iss: DEVELOPMENT_ISSUER, aud: DEVELOPMENT_AUDIENCE };
  const header = { alg: 'HS256', typ: 'JWT' };

  it('is accepted on a loopback address without a provider, and says who asks', async () => {
    const verifier = await verifierOf(undefined, '127.0.0.1');
    expect(verifier.kind).toBe('development');
    const token = await mintDevelopmentToken(
      KEY,
      { role: 'resident', subject: 'resident-1', document: { type: '01', number: '11010519491231002X' }, minutes: 1 },
      clock,
    );
    expect(await verifier.verify(token)).toEqual({
      issuer: DEVELOPMENT_ISSUER,
      subject: 'resident-1',
      role: 'resident',
      until: '2026-11-22T03:05:05.000Z',
      document: { type: '01', number: '11010519491231002X' },
    });
  });

  it('has no verifier on an address that others reach, nor without its key', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.7', 'hospital.example']) {
      await expect(verifierOf(undefined, host)).rejects.toThrow(AuthMisconfigured);
    }
    const none = tokenVerifier({ provider: undefined, host: '127.0.0.1', developmentKey: undefined, clock });
    await expect(none).rejects.toThrow(AuthMisconfigured);
    const short = tokenVerifier({ provider: undefined, host: '127.0.0.1', developmentKey: new Uint8Array(16), clock });
    await expect(short).rejects.toThrow(AuthMisconfigured);
  });

  it.each([
    ['another key', forge(header, claims, { hmac: new Uint8Array(32) })],
    ['no signature', forge({ alg: 'none' }, claims, 'none')],
    ['another algorithm', forge({ ...header, alg: 'HS512' }, claims, { hmac: KEY })],
    ['an asymmetric algorithm', forge({ ...header, alg: 'RS256' }, claims)],
    ['a provider’s issuer', forge(header, { ...claims, iss: ISSUER }, { hmac: KEY })],
    ['another audience', forge(header, { ...claims, aud: 'hrl' }, { hmac: KEY })],
    ['no exp', forge(header, { ...claims, exp: undefined }, { hmac: KEY })],
  ])('with %s is not valid', async (_what, token) => {
    expect(await reasonOf(await verifierOf(undefined, '127.0.0.1'), token)).toBe('invalid');
  });

  it.each([0, 721, 1.5])('is not minted for %d minutes', async (minutes) => {
    await expect(mintDevelopmentToken(KEY, { role: 'issuer', subject: 's', minutes }, clock)).rejects.toThrow(
      RangeError,
    );
  });
});
