import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { seededEntropy } from '../../test/support/seeded.ts';
import { keyring } from '../../test/support/vaults.ts';
import { Malformed } from '../kernel/fault.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { blindIndex } from './blind-index.ts';
import { postgresClaims } from './claims.ts';
import type { ClaimRef, Claims } from './port.ts';

let db: FreshDatabase;
let claims: Claims;
beforeAll(async () => {
  db = await freshDatabase();
  claims = claimsOn();
});
afterAll(() => db.drop());
beforeEach(() => db.ownerSql`truncate vault.claims`.then(() => undefined));

const claimsOn = (index = keyring.index) =>
  postgresClaims({ sql: db.sql, suite: nodeSuite, keyring: { ...keyring, index } });
const passport = (value: string): ClaimRef => ({ kind: 'document', type: '03', issuer: 'urn:iso:3166:CN', value });
const [a, b, c] = [passport('E1'), passport('E2'), passport('E3')];
const count = async () => (await db.sql`select 1 from vault.claims`).length;

describe('claims', () => {
  it('of nobody go to the proposed subject, and are found by every spelling', async () => {
    expect(await claims.take([a, b], 'first')).toEqual({ subject: 'first' });
    expect(await claims.lookup([passport('e-1'), c, b])).toEqual(['first', undefined, 'first']);
    expect(await claims.lookup([])).toEqual([]);
  });

  it('of which one is known bring the others to its holder, whoever is proposed', async () => {
    await claims.take([a], 'first');
    expect(await claims.take([b, a], 'second')).toEqual({ subject: 'first' });
    expect(await claims.lookup([a, b])).toEqual(['first', 'first']);
  });

  it('of two subjects are a conflict, and nothing is taken', async () => {
    await claims.take([a], 'first');
    await claims.take([b], 'second');
    expect(await claims.take([a, b, c], 'third')).toBe('conflict');
    expect(await claims.take([a, b, c], 'first')).toBe('conflict');
    expect(await claims.lookup([a, b, c])).toEqual(['first', 'second', undefined]);
  });

  it('taken for the proposed subject only are a conflict as soon as anybody else holds one', async () => {
    await claims.take([a], 'first');
    expect(await claims.take([a, b], 'second', { onlyProposed: true })).toBe('conflict');
    expect(await claims.lookup([b])).toEqual([undefined]);
    expect(await claims.take([a, b], 'first', { onlyProposed: true })).toEqual({ subject: 'first' });
    expect(await claims.take([c], 'second', { onlyProposed: true })).toEqual({ subject: 'second' });
  });

  it('taken again change nothing, also twice in one call', async () => {
    await claims.take([a, a, passport(' e1')], 'first');
    await claims.take([a], 'second');
    expect(await count()).toBe(1);
  });

  it('of kinds, types, issuers and values that differ are different claims', async () => {
    const all: ClaimRef[] = [
      a,
      { ...a, type: '99' },
      { ...a, issuer: 'urn:iso:3166:FR' },
      { ...a, type: 'fhir:http://his.example' },
      { kind: 'actor', type: 'actor', issuer: 'i', value: 'E1' },
      { kind: 'actor', type: 'actor', issuer: 'i', value: 'e1' },
      { kind: 'actor', type: 'actor', issuer: 'i', value: 'E1 ' },
      { kind: 'code', type: 'code', issuer: '', value: 'E1' },
      { kind: 'institution', type: 'institution', issuer: 'i', value: 'E1' },
      { kind: 'practitioner', type: 'practitioner', issuer: 'i', value: 'E1' },
    ];
    for (const [i, claim] of all.entries()) await claims.take([claim], `subject ${i}`);
    expect(await claims.lookup(all)).toEqual(all.map((_, i) => `subject ${i}`));
  });

  it('without a normal form, too long or no text are malformed, not a bug', async () => {
    for (const value of ['', ' - ', 'x'.repeat(1025), '\udc00']) {
      await expect(claims.lookup([passport(value)])).rejects.toThrow(Malformed);
      await expect(claims.take([passport(value)], 'first')).rejects.toThrow(Malformed);
    }
    const widest = { ...a, type: 'fhir:x', value: '\ufdfa'.repeat(1024) };
    expect(await claims.lookup([widest])).toEqual([undefined]);
    expect(() => blindIndex(nodeSuite, new Uint8Array(32), { ...a, kind: 'code' })).toThrow('its kind');
  });

  it('under two live versions of the index key stand in two rows and are found by either', async () => {
    const second = new Map([[2, seededEntropy('index 2').bytes(32)]]);
    const both = claimsOn(new Map([...keyring.index, ...second]));
    await claims.take([a], 'first');
    expect(await both.take([a, b], 'second')).toEqual({ subject: 'first' });
    expect(await count()).toBe(4);
    for (const any of [claims, both, claimsOn(second)]) expect(await any.lookup([a, b])).toEqual(['first', 'first']);
    expect(await claimsOn(second).take([b], 'third')).toEqual({ subject: 'first' });
    expect(await both.take([a], 'third')).toEqual({ subject: 'first' });
  });

  it('do what a plain map does, for any order of takers', async () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
    const step = fc.record({ numbers, proposed: fc.constantFrom('p', 'q', 'r', 's'), only: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        await db.ownerSql`truncate vault.claims`;
        const model = new Map<number, string>();
        for (const { numbers: taken, proposed, only } of steps) {
          const refs = taken.map((n) => passport(`N${n}`));
          const holders = new Set(taken.flatMap((n) => model.get(n) ?? []));
          const [holder = proposed] = holders;
          const refused = holders.size > 1 || (only && holder !== proposed);
          if (!refused) for (const n of taken) model.set(n, holder);
          expect(await claims.take(refs, proposed, { onlyProposed: only })).toEqual(
            refused ? 'conflict' : { subject: holder },
          );
        }
        const all = [0, 1, 2, 3, 4, 5];
        expect(await claims.lookup(all.map((n) => passport(`N${n}`)))).toEqual(all.map((n) => model.get(n)));
      }),
      { numRuns: 25 },
    );
  });

  it('of one person, taken by many at one moment, have one holder', async () => {
    const wanted = Array.from({ length: 6 }, (_, i) => passport(`M${i}`));
    const takers = Array.from({ length: 24 }, (_, i) => {
      // A chain: each taker shares a document with the next, and all share the first.
      const own = [wanted[0] ?? a, wanted[i % 6] ?? a, wanted[(i + 1) % 6] ?? a];
      return claims.take(i % 2 === 0 ? own : [...own].reverse(), `taker ${i}`);
    });
    const results = await Promise.all(takers);
    const [first] = results;
    expect(first).not.toBe('conflict');
    for (const result of results) expect(result).toEqual(first);
    expect(new Set(await claims.lookup(wanted)).size).toBe(1);
    expect(await count()).toBe(6);
  });
});
