import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DEVELOPMENT_AUDIENCE,
  DEVELOPMENT_CLAIMS,
  DEVELOPMENT_ISSUER,
  mintDevelopmentToken,
} from '../../src/auth/development-token.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { type ApiUnderTest, only, openApi, post, type Reply } from '../support/api.ts';
import { type Cast, castOf, type Doctor, mutation, RECORDS, type Resident } from '../support/cast.ts';

let api: ApiUnderTest;
let cast: Cast;
let doctor: Doctor;
let resident: Resident;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  doctor = await cast.doctor(await cast.hospital());
  resident = await cast.resident('Li Na');
  await cast.record(doctor, resident);
  await cast.grant(resident, doctor.hospital);
});
afterAll(() => api.close());

const MINUTE = 60;
const seconds = (): number => Math.floor(Date.now() / 1000);

/** A token of the doctor, right in everything but what is told. */
function signed(over: JWTPayload = {}, header: { alg?: string; typ?: string } = {}, key?: Uint8Array): Promise<string> {
  const { key: practitioner, hospital } = doctor;
  return new SignJWT({
    role: 'practitioner',
    organisation: { ...hospital.key },
    practitioner: { ...practitioner },
    iss: DEVELOPMENT_ISSUER,
    aud: DEVELOPMENT_AUDIENCE,
    sub: 'doctor-by-hand',
    iat: seconds(),
    exp: seconds() + 10 * MINUTE,
    ...over,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header })
    .sign(key ?? api.node.keyring.developmentToken);
}

function unsigned(): string {
  return new UnsecuredJWT({ role: 'practitioner', organisation: { ...doctor.hospital.key } })
    .setIssuer(DEVELOPMENT_ISSUER)
    .setAudience(DEVELOPMENT_AUDIENCE)
    .setSubject('doctor-by-hand')
    .setExpirationTime('10m')
    .encode();
}

/** What a token expired an hour ago was: minted then, by the same key. */
function expired(): Promise<string> {
  const clock = { now: () => new Date(Date.now() - 60 * MINUTE * 1000).toISOString() as never };
  const who = {
    role: 'practitioner',
    subject: 'x',
    organisation: doctor.hospital.key,
    practitioner: doctor.key,
  } as const;
  return mintDevelopmentToken(api.node.keyring.developmentToken, { ...who, minutes: 59 }, clock);
}

const INVALID = 'the token is not valid here';
const MALFORMED = 'the authorization header is not one bearer token';
const NOBODY = 'nobody is registered here under this token';
const TOKENS: readonly (readonly [string, () => Promise<string | undefined> | string, string])[] = [
  ['no token', () => Promise.resolve(undefined), 'a bearer token is needed'],
  ['a text that is no token', () => 'letters', MALFORMED],
  ['a token for another audience', () => signed({ aud: 'urn:somebody:else' }), INVALID],
  ['a token of another issuer', () => signed({ iss: 'https://idp.example' }), INVALID],
  ['a token signed with another key', () => signed({}, {}, new Uint8Array(32).fill(7)), INVALID],
  ['a token signed by another algorithm', () => signed({}, { alg: 'HS512' }, new Uint8Array(64).fill(7)), INVALID],
  ['a token without a signature', unsigned, MALFORMED],
  ['a token for another use', () => signed({}, { typ: 'logout+jwt' }), INVALID],
  ['an expired token', expired, 'the token has expired'],
  ['a token that never ends', () => signed({ exp: seconds() + 25 * 60 * MINUTE }), INVALID],
  ['a token of tomorrow', () => signed({ iat: seconds() + 60 * MINUTE }), INVALID],
  ['a token without a subject', () => signed({ sub: undefined } as never), INVALID],
  ['a token of no role', () => signed({ role: 'surgeon' }), INVALID],
  ['a token of two roles', () => signed({ role: ['practitioner', 'regulator'] }), INVALID],
  ['a practitioner’s token without an organisation', () => signed({ organisation: undefined }), INVALID],
  [
    'a token for an organisation that nobody registered',
    () => signed({ organisation: { system: 'urn:uscc', number: 'none' } }),
    NOBODY,
  ],
  ['a resident’s token behind which nobody is', () => api.mint({ role: 'resident', subject: 'nobody' }), NOBODY],
  [
    'a resident’s token with a document that nobody has',
    () => api.mint({ role: 'resident', subject: 'nobody', document: { type: '03', number: 'NOBODY' } }),
    NOBODY,
  ],
];

describe('a request that bears', () => {
  it('a good token is answered, so that what follows is refused for the token alone', async () => {
    expect(only(await api.post(await signed(), RECORDS, { code: resident.code })).__typename).toBe('RecordConnection');
  });

  it.each(TOKENS)(
    '%s is a 401 that executes nothing, leaves no event and repeats nothing',
    async (_what, make, message) => {
      const token = await make();
      const ask = (query: string, variables: object): Promise<Reply> => api.post(token, query, { ...variables });
      const requestId = cast.requestId();
      const { answer, events } = await api.written(async () => [
        await ask(RECORDS, { code: resident.code }),
        await ask(RECORDS, { code: 'no-such-code' }),
        await ask('{ __typename }', {}),
        await ask(mutation('suspendCode'), { requestId, input: { code: resident.code, reason: 'OFFICE' } }),
        await ask('not even a document', {}),
      ]);
      expect(events).toEqual([]);
      const body = JSON.stringify({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] });
      for (const { status, text, headers } of answer) {
        expect([status, text]).toEqual([401, body]);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="health-record-ledger"/);
      }
    },
  );

  it('a development token that came through a proxy is a 401', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'via']) {
      const reply = await api.post(doctor.token, RECORDS, { code: resident.code }, { [name]: '203.0.113.7' });
      expect(reply.status, name).toBe(401);
    }
  });
});

describe('a requester named like the resident', () => {
  it('is not taken for them: neither by a professional name nor by the subject of a token of another role', async () => {
    const other = await cast.hospital();
    const namesake = await cast.doctor(other, { name: 'Li Na' });
    const token = await cast.doctorToken(namesake.key, other.key, resident.subject);
    const reply = await api.post(token, RECORDS, { code: resident.code });
    expect(only(reply)).toMatchObject({ code: 'NOT_AVAILABLE' });
    expect(only(await api.post(token, '{ me { records { __typename ... on Refusal { code } } } }'))).toMatchObject({
      records: { code: 'NOT_PERMITTED' },
    });
  });

  it('is not taken for them when another identity provider gave the same subject', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hrl-provider-'));
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const file = join(folder, 'jwks.json');
    await writeFile(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'k1' }] }));
    const provider = {
      jwks: { file },
      issuer: 'https://idp.example',
      audience: 'health-ledger',
      algorithms: ['ES256'],
      claims: DEVELOPMENT_CLAIMS,
    };
    const options = { provider, host: '127.0.0.1', developmentKey: undefined, clock: api.node.app.clock };
    const server = await api.serve(await tokenVerifier(options));
    try {
      const tokenOf = (subject: string, claims: JWTPayload = {}): Promise<string> =>
        new SignJWT({ role: 'resident', ...claims })
          .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'JWT' })
          .setIssuer(provider.issuer)
          .setAudience(provider.audience)
          .setSubject(subject)
          .setExpirationTime('10m')
          .sign(privateKey);
      const query = '{ me { profile { ... on Profile { name } } } }';
      const { answer, events } = await api.written(async () =>
        post(server.url, await tokenOf(resident.subject), query),
      );
      expect([answer.status, events]).toEqual([401, []]);
      // The same person is known there by a document that this provider has verified, under whatever subject.
      const proven = await tokenOf('somebody', { document: { ...resident.document } });
      expect(only(await post(server.url, proven, query))).toMatchObject({ profile: { name: 'Li Na' } });
      // And this server takes no development token at all.
      expect((await post(server.url, resident.token, query)).status).toBe(401);
    } finally {
      await server.stop();
      await rm(folder, { recursive: true });
    }
  });

  it('reads their own record and no other, also when both residents bear one name', async () => {
    const namesake = await cast.resident('Li Na');
    const mine = only(await api.post(namesake.token, '{ me { records { ... on RecordConnection { totalCount } } } }'));
    expect(mine).toMatchObject({ records: { totalCount: 0 } });
  });
});
