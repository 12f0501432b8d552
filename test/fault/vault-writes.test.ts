import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../src/kernel/bytes.ts';
import type { Id16, StreamName } from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import { VaultUnavailable } from '../../src/vault/faults.ts';
import { openContent } from '../../src/vault/open-content.ts';
import type { ClaimRef } from '../../src/vault/port.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { seededEntropy } from '../support/seeded.ts';
import { DECIDED, newEventId, newId16, newStream, refOf, sealMissed, vaultOn } from '../support/vaults.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

/** Transactions run on connections of their own: they break by what stands here. */
const transactions = vi.hoisted(() => ({ around: <T>(run: () => Promise<T>): Promise<T> => run() }));
vi.mock('../../src/postgres/transactions.ts', async (original) => {
  const real = await original<typeof import('../../src/postgres/transactions.ts')>();
  return {
    inTransaction: <T>(pool: Sql, work: (tx: Sql) => Promise<T>): Promise<T> =>
      transactions.around(() => real.inTransaction(pool, work)),
  };
});

class Broken extends Error {
  readonly code = 'CONNECTION_CLOSED';
}

/** A pool whose n-th statement or transaction breaks: before the server has seen it, or after the server has done it. */
function breaking(sql: Sql, nth: number, when: 'before' | 'after'): { sql: Sql; broke: () => boolean } {
  let count = 0;
  let broke = false;
  const guarded = <T>(run: () => PromiseLike<T>): PromiseLike<T> | Promise<never> => {
    if (count++ !== nth) return run();
    broke = true;
    if (when === 'before') return Promise.reject(new Broken());
    return Promise.resolve(run()).then(() => Promise.reject(new Broken()));
  };
  const wrapped = new Proxy(sql, {
    apply: (target, self, args) => {
      const run = () => Reflect.apply(target, self, args) as unknown as PromiseLike<unknown>;
      return (args[0] as { raw?: unknown }).raw === undefined ? run() : guarded(run);
    },
  });
  transactions.around = <T>(run: () => Promise<T>): Promise<T> => Promise.resolve(guarded(run));
  return { sql: wrapped, broke: () => broke };
}

interface Person {
  readonly stream: StreamName;
  readonly contentId: Id16;
  readonly eventId: ReturnType<typeof newEventId>;
  readonly claim: ClaimRef;
  readonly decided: Instant;
}
const bytes = utf8('{"resourceType":"Patient"}');
const fold = { name: 'identity', version: 1 };

/** Everything that a registration writes in the vault, in the order of a registration. */
async function register(sql: Sql, person: Person, proposed: string) {
  const { vault, claims, contents, snapshots } = vaultOn(sql);
  const taken = await claims.take([person.claim], proposed);
  const keys = await vault.keysOf(person.stream, person.decided);
  const sealed = sealMissed(keys, person.decided);
  await contents.store([{ stream: person.stream, eventId: person.eventId, contentId: person.contentId, bytes }]);
  await snapshots.save({
    stream: person.stream,
    fold,
    revision: 1n,
    head: seededEntropy('h').bytes(32),
    state: { a: 1 },
  });
  return { taken, sealed, mark: keys.mark('HIV') };
}

describe('a registration of which one write breaks', () => {
  it.each(['before', 'after'] as const)(
    '%s it was done, at any of them, is whole when it is tried again',
    async (when) => {
      let broken = 0;
      for (let nth = 0; ; nth++) {
        const person: Person = {
          stream: newStream(),
          contentId: newId16(),
          eventId: newEventId(),
          claim: { kind: 'document', type: '03', issuer: 'x', value: `${when}${nth}` },
          decided: `${1900 + nth + (when === 'after' ? 50 : 0)}-01-01T00:00:00.000Z` as Instant,
        };
        const fault = breaking(db.sql, nth, when);
        const first = await register(fault.sql, person, 'first').catch((error: unknown) => error);
        if (!fault.broke()) break;
        broken++;
        expect(first).toBeInstanceOf(VaultUnavailable);
        expect(first).toMatchObject({ code: 'vault-unavailable' });

        transactions.around = (run) => run();
        const again = await register(db.sql, person, 'again');
        const holder = again.taken === 'conflict' ? 'conflict' : again.taken.subject;
        // The first attempt's subject, if its claim was written: its stream is empty and is taken up. Never a third.
        expect(holder).toBe(when === 'before' && nth <= 1 ? 'again' : nth === 0 ? 'again' : 'first');
        const { vault, snapshots } = vaultOn(db.sql);
        const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
        expect(await openContent(vault, person.stream, person.contentId, hash)).toEqual(bytes);
        expect(await vault.openRetained([refOf(person.stream, again.sealed, 'retained')])).toMatchObject([
          { decided: person.decided },
        ]);
        expect((await vault.keysOf(person.stream, person.decided)).mark('HIV')).toBe(again.mark);
        expect(await snapshots.load([{ stream: person.stream, fold }])).toMatchObject([{ revision: 1n }]);
        const counts = await db.sql`
        select (select count(*) from vault.stream_keys where stream = ${person.stream})::int as keys,
               (select count(*) from vault.contents where stream = ${person.stream})::int as contents,
               (select count(*) from vault.period_keys where year = ${Number(person.decided.slice(0, 4))})::int as periods`;
        expect(counts).toEqual([{ keys: 2, contents: 1, periods: 2 }]);
      }
      // Claims: look, insert. Keys: two looks, two inserts, two looks. Content, snapshot.
      expect(broken).toBe(10);
    },
  );
});

describe('a database that is away', () => {
  it('is vault-unavailable for every part of the vault', async () => {
    const nowhere = openSql('postgres://nobody@127.0.0.1:1/none', { max: 1, applicationName: 'test' });
    const { vault, claims, contents, snapshots } = vaultOn(nowhere);
    const stream = newStream();
    const content = { stream, eventId: newEventId(), contentId: newId16(), bytes };
    const claim: ClaimRef = { kind: 'code', type: 'code', issuer: '', value: 'x' };
    for (const attempt of [
      () => vault.keysOf(stream, DECIDED),
      () => claims.lookup([claim]),
      () => claims.take([claim], 'x'),
      () => contents.store([content]),
      () => snapshots.load([{ stream, fold }]),
      () => openContent(vault, stream, content.contentId, new Uint8Array(32)),
    ]) {
      await expect(attempt()).rejects.toThrow(VaultUnavailable);
    }
    await nowhere.end({ timeout: 1 });
  });

  it('is not what a wrong statement is: that stays a bug', async () => {
    await db.ownerSql`alter table vault.claims rename column subject to holder`;
    const claim: ClaimRef = { kind: 'code', type: 'code', issuer: '', value: 'x' };
    await expect(vaultOn(db.sql).claims.lookup([claim])).rejects.toThrow(/column .* does not exist/);
    await db.ownerSql`alter table vault.claims rename column holder to subject`;
  });
});
