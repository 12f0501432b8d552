import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import type { Position } from '../ledger/port.ts';
import { LeaseLost } from './faults.ts';
import { advance, type Lease, releaseLease, renewLease, seizeLease, takeLease } from './lease.ts';

let db: FreshDatabase;
beforeEach(async () => {
  db = await freshDatabase();
});
afterEach(() => db.drop());

const take = (owner: string, ms = 60_000) => takeLease(db.sql, owner, ms);
async function taken(owner: string, ms = 60_000): Promise<Lease> {
  const lease = await take(owner, ms);
  if (lease === undefined) throw new Error('somebody holds the lease');
  return lease;
}

/** Moves the position as a batch does; how many rows the fence gave. */
async function move(lease: Lease, from: bigint, applied: bigint): Promise<number> {
  const { text, parameters } = advance(lease, from, { position: `p${applied}` as Position, applied }, 60_000);
  return (await db.sql.unsafe(text, [...parameters])).length;
}

describe('the lease', () => {
  it('is one owner’s at a time; who asks for it meanwhile gets nothing', async () => {
    expect(await take('a')).toMatchObject({ owner: 'a', position: null, applied: 0n });
    expect(await take('b')).toBeUndefined();
  });

  it('of many who ask at one moment, one gets it', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => take(`owner ${i}`)));
    expect(all.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('ends by itself, by the database’s clock', async () => {
    await take('a', 200);
    expect(await take('b')).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await take('b')).toMatchObject({ owner: 'b' });
  });

  it('lasts as long as it is renewed', async () => {
    const lease = await taken('a', 300);
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await renewLease(db.sql, lease, 300);
    }
    expect(await take('b')).toBeUndefined();
  });

  it('given back, it is anybody’s at once', async () => {
    await releaseLease(db.sql, await taken('a'));
    expect(await take('b')).toMatchObject({ owner: 'b' });
  });

  it('has a greater epoch with every owner, and each time its owner takes it anew', async () => {
    const [first, again] = [await taken('a'), await taken('a')];
    await releaseLease(db.sql, again);
    const other = await taken('b');
    expect([again.epoch > first.epoch, other.epoch > again.epoch]).toEqual([true, true]);
  });

  it('an owner that has lost it neither renews, nor gives it back, nor moves the position', async () => {
    const old = await taken('a', 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const present = await taken('b');
    await expect(renewLease(db.sql, old, 1000)).rejects.toBeInstanceOf(LeaseLost);
    await releaseLease(db.sql, old);
    expect(await take('c')).toBeUndefined();
    expect(await move(old, 0n, 5n)).toBe(0);
    expect(await move(present, 0n, 5n)).toBe(1);
  });

  it('the same owner of an earlier epoch has lost it too', async () => {
    const old = await taken('a');
    await taken('a');
    expect(await move(old, 0n, 5n)).toBe(0);
  });

  it('a rebuild takes it from whoever holds it', async () => {
    const old = await taken('a');
    const seized = await seizeLease(db.sql, 'rebuild', 60_000);
    expect(await move(old, 0n, 1n)).toBe(0);
    expect(await move(seized, 0n, 1n)).toBe(1);
  });

  it('the position moves only from the count of events that the tables show', async () => {
    const lease = await taken('a');
    expect(await move(lease, 0n, 5n)).toBe(1);
    expect(await move(lease, 0n, 5n)).toBe(0);
    expect(await move(lease, 4n, 6n)).toBe(0);
    expect(await move(lease, 5n, 6n)).toBe(1);
    await releaseLease(db.sql, lease);
    expect(await take('b')).toMatchObject({ position: 'p6', applied: 6n });
  });

  it('of two who move it from one count at one moment, one does', async () => {
    const lease = await taken('a');
    const moved = await Promise.all(Array.from({ length: 8 }, () => move(lease, 0n, 5n)));
    expect(moved.filter((rows) => rows === 1)).toHaveLength(1);
  });
});
