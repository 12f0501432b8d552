import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVELOPMENT_CLAIMS } from '../../src/auth/development-token.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { CLOCK_TOLERANCE_S } from '../../src/auth/verify-token.ts';
import { type ApiUnderTest, only, openApi, post, type Reply } from '../support/api.ts';
import { type Cast, castOf, RECORDS, type Resident } from '../support/cast.ts';

/** Tokens of an identity provider, forged in every way that libraries were once caught with, sent to the whole API over HTTP. */

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const twins = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
] as const;
const jwk = (key: KeyObject, more: object): object => ({ ...key.export({ format: 'jwk' }), ...more });
const ISSUER = 'https://idp.example';
const AUDIENCE = 'health-ledger';

let api: ApiUnderTest;
let cast: Cast;
let resident: Resident;
let server: { url: string; stop(): Promise<void> };
let folder: string;
let claims: Record<string, unknown>;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  const doctor = await cast.doctor(await cast.hospital());
  resident = await cast.resident();
  await cast.record(doctor, resident);
  claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'doctor-1',
    role: 'practitioner',
    organisation: { ...doctor.hospital.key },
    practitioner: { ...doctor.key },
  };
  folder = await mkdtemp(join(tmpdir(), 'hrl-attack-tokens-'));
  const file = join(folder, 'jwks.json');
  const keys = [
    jwk(rsa.publicKey, { kid: 'r1', alg: 'RS256', use: 'sig' }),
    jwk(ec.publicKey, { kid: 'e1', alg: 'ES256', use: 'sig' }),
    jwk(weak.publicKey, { kid: 'weak', alg: 'RS256', use: 'sig' }),
    jwk(stranger.publicKey, { kid: 'sealing', alg: 'RSA-OAEP', use: 'enc' }),
    jwk(twins[0].publicKey, { kid: 'twin', alg: 'ES384', crv: 'P-256' }),
    jwk(twins[1].publicKey, { kid: 'twin', alg: 'ES384', crv: 'P-256' }),
  ];
  await writeFile(file, JSON.stringify({ keys }));
  const provider = {
    jwks: { file },
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['RS256', 'ES256'],
    claims: DEVELOPMENT_CLAIMS,
  };
  server = await api.serve(
    await tokenVerifier({ provider, host: '127.0.0.1', developmentKey: undefined, clock: api.node.app.clock }),
  );
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
  await api.close();
});

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const nowS = (): number => Math.floor(Date.now() / 1000);
type Key = KeyObject | { readonly secret: string | Uint8Array } | 'none';

function signature(input: string, key: Key): string {
  if (key === 'none') return '';
  if ('secret' in key) return createHmac('sha256', key.secret).update(input).digest('base64url');
  const with_ = key.asymmetricKeyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  return sign('sha256', Buffer.from(input), with_).toString('base64url');
}

const HEADER = { alg: 'RS256', typ: 'JWT', kid: 'r1' };
const whole = (over: object = {}): object => ({ ...claims, iat: nowS(), exp: nowS() + 600, ...over });
/** Parts may be texts, to say what no library would. */
function forged(header: unknown, payload: unknown, key: Key = rsa.privateKey): string {
  const input = `${b64(header)}.${b64(payload)}`;
  return `${input}.${signature(input, key)}`;
}

const ask = (token: string): Promise<Reply> => post(server.url, token, RECORDS, { code: resident.code });
const PUBLIC = {
  pem: () => rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string,
  pkcs1: () => rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string,
  der: () => rsa.publicKey.export({ type: 'spki', format: 'der' }),
  jwk: () => JSON.stringify(rsa.publicKey.export({ format: 'jwk' })),
  modulus: () => Buffer.from((rsa.publicKey.export({ format: 'jwk' }) as { n: string }).n, 'base64url'),
};

const MALFORMED = 'the authorization header is not one bearer token';
const INVALID = 'the token is not valid here';
const EXPIRED = 'the token has expired';
const withKid =
  (kid: unknown, key: Key = stranger.privateKey) =>
  () =>
    forged({ ...HEADER, kid }, whole(), key);
const withHeader =
  (more: object, key: Key = stranger.privateKey) =>
  () =>
    forged({ ...HEADER, ...more }, whole(), key);

/** Each is a token and what is told of it; all of them name the doctor of a hospital that may read the record. */
const FORGED: readonly (readonly [string, () => string, string])[] = [
  ...['none', 'None', 'NONE', 'nOnE', ' none', '', 'null'].flatMap((alg) => [
    [`alg “${alg}” and no signature`, () => forged({ ...HEADER, alg }, whole(), 'none'), MALFORMED] as const,
    [`alg “${alg}” and a signature that is one of RS256`, () => forged({ ...HEADER, alg }, whole()), INVALID] as const,
    [
      `alg “${alg}” and one letter for a signature`,
      () => `${b64({ ...HEADER, alg })}.${b64(whole())}.A`,
      INVALID,
    ] as const,
  ]),
  ...[null, 7, ['RS256'], { alg: 'RS256' }, undefined].map(
    (alg) => [`alg ${JSON.stringify(alg)}`, () => forged({ ...HEADER, alg }, whole()), INVALID] as const,
  ),
  ...(Object.keys(PUBLIC) as (keyof typeof PUBLIC)[]).flatMap((form) =>
    ['HS256', 'HS384', 'RS256'].map(
      (alg) =>
        [
          `${alg} with the public key as ${form} for a secret`,
          () => forged({ ...HEADER, alg }, whole(), { secret: PUBLIC[form]() }),
          INVALID,
        ] as const,
    ),
  ),
  ['the other key’s algorithm', () => forged({ ...HEADER, kid: 'e1' }, whole()), INVALID],
  ['RS256 signed by the elliptic key', () => forged(HEADER, whole(), ec.privateKey), INVALID],
  ['ES256 by the RSA key', () => forged({ ...HEADER, alg: 'ES256', kid: 'r1' }, whole(), rsa.privateKey), INVALID],
  ['PS256, which is not pinned', () => forged({ ...HEADER, alg: 'PS256' }, whole()), INVALID],
  ['no kid and the key of a stranger', withHeader({ kid: undefined }), INVALID],
  [
    'an elliptic signature of zeros',
    () => `${b64({ ...HEADER, alg: 'ES256', kid: 'e1' })}.${b64(whole())}.${Buffer.alloc(64).toString('base64url')}`,
    INVALID,
  ],
  [
    'an RSA signature of zeros',
    () => `${b64(HEADER)}.${b64(whole())}.${Buffer.alloc(256).toString('base64url')}`,
    INVALID,
  ],
  ...[
    'unknown',
    '',
    '../../../../dev/null',
    '/etc/passwd',
    'file:///dev/null',
    'http://127.0.0.1:9/jwks',
    "r1' or '1'='1",
    'r1\0',
    'R1',
    'r1 ',
    '__proto__',
    'constructor',
    'x'.repeat(4_000),
    ['r1'],
    { kid: 'r1' },
    1,
    null,
    true,
  ].map((kid) => [`the kid ${JSON.stringify(kid).slice(0, 40)}`, withKid(kid), INVALID] as const),
  [
    'an empty secret under a kid that is a path',
    withHeader({ alg: 'HS256', kid: '../../dev/null' }, { secret: '' }),
    INVALID,
  ],
  [
    'two kids, of which the last is right',
    () => forged(`{"alg":"RS256","kid":"nobody","kid":"r1"}`, whole(), stranger.privateKey),
    INVALID,
  ],
  [
    'two algorithms, of which one is none',
    () => forged(`{"alg":"RS256","alg":"none","kid":"r1"}`, whole(), rsa.privateKey),
    INVALID,
  ],
  ['the kid of a key that is for sealing', withHeader({ kid: 'sealing' }), INVALID],
  ['the kid of two keys', withHeader({ alg: 'ES256', kid: 'twin' }, twins[0].privateKey), INVALID],
  ['a key too weak to be believed, that is the provider’s', withHeader({ kid: 'weak' }, weak.privateKey), INVALID],
  ['its own key beside it', withHeader({ jwk: stranger.publicKey.export({ format: 'jwk' }) }), INVALID],
  ['a place where its key lies', withHeader({ jku: 'http://127.0.0.1:9/jwks' }), INVALID],
  ['a place where its certificate lies', withHeader({ x5u: 'http://127.0.0.1:9/cert' }), INVALID],
  ['a certificate beside it', withHeader({ x5c: [b64('certificate')] }), INVALID],
  ['a thumbprint', withHeader({ x5t: 'AAAA', 'x5t#S256': 'AAAA' }), INVALID],
  ...[['b64', 'x'], ['exp'], ['x'], [], 'x', {}, null, [7]].map(
    (crit) => [`crit ${JSON.stringify(crit)}`, withHeader({ crit, x: 1, b64: true }, rsa.privateKey), INVALID] as const,
  ),
  ['a payload that is not encoded', withHeader({ b64: false, crit: ['b64'] }, rsa.privateKey), INVALID],
  ['a compressed payload', withHeader({ zip: 'DEF', enc: 'A128GCM' }, stranger.privateKey), INVALID],
  ['another type', withHeader({ typ: 'dpop+jwt' }, rsa.privateKey), INVALID],
  ['a type that is no text', withHeader({ typ: ['JWT'] }, rsa.privateKey), INVALID],
  ['five parts, as an encrypted one has', () => `${b64(HEADER)}.a.b.c.d`, MALFORMED],
  ['a header that is a list', () => forged([HEADER], whole()), INVALID],
  ['a header that is null', () => forged('null', whole()), INVALID],
  [
    'a header that is not UTF-8',
    () => `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${b64(whole())}.AAAA`,
    INVALID,
  ],
  [
    'claims that are nested three thousand deep',
    () => forged(HEADER, `{"role":${'['.repeat(2_800)}${']'.repeat(2_800)}}`),
    INVALID,
  ],
  ['more letters than are read', () => forged(HEADER, whole({ sub: 'x'.repeat(8_000) })), MALFORMED],
  // Clocks.
  ['exp now', () => forged(HEADER, whole({ exp: nowS() })), EXPIRED],
  ['exp a second ago, within the tolerance for clocks', () => forged(HEADER, whole({ exp: nowS() - 1 })), EXPIRED],
  ['exp long ago', () => forged(HEADER, whole({ exp: 1 })), EXPIRED],
  ['exp before 1970', () => forged(HEADER, whole({ exp: -1 })), EXPIRED],
  ['exp without end', () => forged(HEADER, JSON.stringify(whole()).replace(/"exp":\d+/, '"exp":1e999')), INVALID],
  ['exp in milliseconds', () => forged(HEADER, whole({ exp: Date.now() + 600_000 })), INVALID],
  ['nbf ahead of every clock', () => forged(HEADER, whole({ nbf: nowS() + CLOCK_TOLERANCE_S + 30 })), INVALID],
  ['iat ahead of every clock', () => forged(HEADER, whole({ iat: nowS() + CLOCK_TOLERANCE_S + 30 })), INVALID],
  ['nbf as text', () => forged(HEADER, whole({ nbf: '0' })), INVALID],
  ['iat as text', () => forged(HEADER, whole({ iat: 'now' })), INVALID],
  ['iat as a list', () => forged(HEADER, whole({ iat: [nowS()] })), INVALID],
  // Claims that are signed by the provider, and still nobody.
  ...['sub', 'organisation', 'practitioner'].flatMap((name) =>
    ['\0', 'a\0b', '\ud800', '', ' '.repeat(600), 7, null, {}, []].map(
      (value) =>
        [
          `${name} ${JSON.stringify(value).slice(0, 24)}`,
          () => forged(HEADER, whole({ [name]: value })),
          INVALID,
        ] as const,
    ),
  ),
  ...[['practitioner', 'regulator'], [{ toString: 1, valueOf: 1 }], {}, 7, 'Regulator', 'regulator ', '__proto__'].map(
    (role) => [`the role ${JSON.stringify(role)}`, () => forged(HEADER, whole({ role })), INVALID] as const,
  ),
];

describe('a token of a provider', () => {
  it('that is whole opens the record, so that what follows is refused for what is wrong with it', async () => {
    for (const token of [
      forged(HEADER, whole()),
      forged({ alg: 'ES256', kid: 'e1' }, whole(), ec.privateKey),
      forged({ ...HEADER, jku: 'http://127.0.0.1:9/jwks', jwk: {} }, whole()),
      // RFC 7797: said aloud, and as it is without.
      forged({ ...HEADER, b64: true, crit: ['b64'] }, whole()),
      forged(HEADER, whole({ iat: nowS() + CLOCK_TOLERANCE_S - 2, nbf: nowS() + CLOCK_TOLERANCE_S - 2 })),
    ]) {
      expect(only(await ask(token))).toMatchObject({ __typename: 'RecordConnection', totalCount: 1 });
    }
  });

  it.each(FORGED)('with %s is a 401 that leaves no event', async (_what, make, message) => {
    const { answer, events } = await api.written(() => ask(make()));
    expect([answer.status, JSON.parse(answer.text), events]).toEqual([
      401,
      { errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] },
      [],
    ]);
  });

  it('with any of its letters changed is a 401, or the same token under another spelling', async () => {
    const token = forged(HEADER, whole());
    const letters = [...'ABCXYZabcxyz0189-_.=+/%'];
    /** The signature covers the first two parts as they are spelt; itself it is bytes. Node reads the letters of plain base64 too, which are no token's. */
    const meant = (text: string): string => {
      const [header, payload, signature = '', ...more] = text.split('.');
      const bytes = /^[\w-]*$/.test(signature) ? Buffer.from(signature, 'base64url').toString('hex') : signature;
      return [header, payload, bytes, ...more].join('.');
    };
    const lastOf = (part: number): number =>
      token
        .split('.')
        .slice(0, part + 1)
        .join('.').length - 1;
    const plain = [...token].flatMap((it, at): [number, string][] => (it === '-' ? [[at, '+']] : []));
    /** Some bits of a part's last letter mean nothing. */
    const spare = [0, 1, 2].flatMap((part) => letters.map((letter): [number, string] => [lastOf(part), letter]));
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...letters), async (at, letter) => {
        const changed = token.slice(0, at) + letter + token.slice(at + 1);
        const { status } = await ask(changed);
        expect(status).toBe(meant(changed) === meant(token) ? 200 : 401);
      }),
      { numRuns: 250, examples: [...plain, ...spare] },
    );
  });
});
