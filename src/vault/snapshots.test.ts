import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { seededEntropy } from '../../test/support/seeded.ts';
import { flipped, newStream, vaultOn } from '../../test/support/vaults.ts';
import { Malformed } from '../kernel/fault.ts';
import { destroyStreamKeys } from './destroy.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const fold = { name: 'consents', version: 1, initialState: { live: [] } };
const head = seededEntropy('head').bytes(32);
const state = { live: [{ id: 'planted', until: '2027' }], count: 3 };
const rowOf = async (stream: string) => {
  const [row] = await db.sql`select * from vault.snapshots where stream = ${stream}`;
  return row;
};

describe('a snapshot', () => {
  it('comes back as it was saved, in another process, and nothing of it stands in clear', async () => {
    const stream = newStream();
    await vaultOn(db.sql).snapshots.save({ stream, fold, revision: 7n, head, state });
    const other = vaultOn(db.sql);
    expect(await other.snapshots.load([{ stream, fold }])).toEqual([{ revision: 7n, head, state }]);
    expect(other.counts().snapshots).toEqual({ used: 1, otherFold: 0, refused: 0 });
    expect((await rowOf(stream))?.sealed.includes('planted')).toBe(false);
  });

  it('is found for each pair asked for, in order', async () => {
    const [a, b] = [newStream(), newStream()];
    const other = { ...fold, name: 'records' };
    const { snapshots } = vaultOn(db.sql);
    await snapshots.save({ stream: a, fold, revision: 1n, head, state: { n: 1 } });
    await snapshots.save({ stream: a, fold: other, revision: 2n, head, state: { n: 2 } });
    await snapshots.save({ stream: b, fold, revision: 3n, head, state: { n: 3 } });
    const pairs = [
      { stream: b, fold },
      { stream: newStream(), fold },
      { stream: a, fold: other },
      { stream: b, fold: other },
      { stream: a, fold },
    ];
    const found = await snapshots.load(pairs);
    expect(found.map((one) => one?.state)).toEqual([{ n: 3 }, undefined, { n: 2 }, undefined, { n: 1 }]);
    expect(await snapshots.load([])).toEqual([]);
  });

  it('of another version, name or shape of the fold is as if there were none, and is counted', async () => {
    const stream = newStream();
    const { snapshots, counts } = vaultOn(db.sql);
    await snapshots.save({ stream, fold, revision: 7n, head, state });
    for (const other of [
      { ...fold, version: 2 },
      { ...fold, initialState: { live: [], more: 0 } },
      { name: fold.name, version: fold.version },
    ]) {
      expect(await snapshots.load([{ stream, fold: other }])).toEqual([undefined]);
    }
    expect(counts().snapshots).toEqual({ used: 0, otherFold: 3, refused: 0 });
    // The other version saves its own at the same revision; then the first is the other.
    await snapshots.save({ stream, fold: { ...fold, version: 2 }, revision: 7n, head, state: {} });
    expect(await snapshots.load([{ stream, fold: { ...fold, version: 2 } }])).toMatchObject([{ state: {} }]);
    expect(await snapshots.load([{ stream, fold }])).toEqual([undefined]);
  });

  it('never takes the place of a newer one, whoever saves when', async () => {
    const stream = newStream();
    const save = (revision: bigint, version = 1) =>
      vaultOn(db.sql).snapshots.save({
        stream,
        fold: { ...fold, version },
        revision,
        head,
        state: { at: revision.toString() },
      });
    await save(7n);
    await save(5n);
    await save(6n, 2);
    expect((await vaultOn(db.sql).snapshots.load([{ stream, fold }]))[0]).toMatchObject({
      revision: 7n,
      state: { at: '7' },
    });
    await Promise.all([9n, 12n, 8n, 11n, 10n].map((revision) => save(revision)));
    expect((await vaultOn(db.sql).snapshots.load([{ stream, fold }]))[0]).toMatchObject({ revision: 12n });
  });

  it('with anything of its row changed is as if there were none, is counted, and makes room for the next', async () => {
    const stream = newStream();
    const elsewhere = newStream();
    await vaultOn(db.sql).snapshots.save({ stream: elsewhere, fold, revision: 7n, head, state });
    const foreign = await rowOf(elsewhere);
    const save = () => vaultOn(db.sql).snapshots.save({ stream, fold, revision: 7n, head, state });
    await save();
    const sealed = new Uint8Array((await rowOf(stream))?.sealed);
    const changes = [
      ...Array.from({ length: Math.floor(sealed.length / 9) }, (_, i) => ({ sealed: flipped(sealed, i * 9) })),
      { sealed: sealed.slice(0, 5) },
      { sealed: new Uint8Array(foreign?.sealed) },
      { revision: 8n },
      { revision: 2n ** 62n },
    ];
    for (const change of changes) {
      await save();
      await db.sql`update vault.snapshots set ${db.sql(change)} where stream = ${stream}`;
      const { snapshots, counts } = vaultOn(db.sql);
      expect(await snapshots.load([{ stream, fold }])).toEqual([undefined]);
      expect(counts().snapshots).toEqual({ used: 0, otherFold: 0, refused: 1 });
      expect(await rowOf(stream)).toBeUndefined();
    }
    await save();
    expect(await vaultOn(db.sql).snapshots.load([{ stream, fold }])).toEqual([{ revision: 7n, head, state }]);
  });

  it('of an erased subject does not open', async () => {
    const stream = newStream();
    const { vault, snapshots } = vaultOn(db.sql);
    await snapshots.save({ stream, fold, revision: 7n, head, state });
    await destroyStreamKeys(vault, stream);
    expect(await vaultOn(db.sql).snapshots.load([{ stream, fold }])).toEqual([undefined]);
    await expect(snapshots.save({ stream, fold, revision: 8n, head, state })).rejects.toMatchObject({
      code: 'key-destroyed',
    });
  });

  it('holds what a state may hold, and refuses the rest', async () => {
    const stream = newStream();
    const { snapshots } = vaultOn(db.sql);
    for (const bad of [1.5, null, true, { a: undefined }, { a: 1n }]) {
      await expect(snapshots.save({ stream, fold, revision: 1n, head, state: bad })).rejects.toThrow(Malformed);
    }
    await expect(snapshots.save({ stream, fold, revision: 1n, head: head.slice(1), state })).rejects.toThrow(
      RangeError,
    );
    expect(await rowOf(stream)).toBeUndefined();
  });
});
