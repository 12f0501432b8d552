import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { seededEntropy } from '../../test/support/seeded.ts';
import { flipped, newEventId, newId16, newStream, vaultOn } from '../../test/support/vaults.ts';
import { utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { MAX_CONTENT_BYTES, sealContent, unsealContent } from './content.ts';
import { sweepContents } from './content-sweep.ts';
import { destroyStreamKeys } from './destroy.ts';
import { ContentDiffers, ContentTooLarge, KeyDestroyed } from './faults.ts';
import { openContent } from './open-content.ts';
import type { ContentToStore } from './port.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const content = (text = '{"resourceType":"Observation"}', stream = newStream()): ContentToStore => ({
  stream,
  eventId: newEventId(),
  contentId: newId16(),
  bytes: utf8(text),
});
const opened = (one: ContentToStore, vault = vaultOn(db.sql).vault) =>
  openContent(vault, one.stream, one.contentId, sha256(one.bytes));
const rowOf = async (one: ContentToStore) => {
  const [row] = await db.sql`select * from vault.contents where id = ${one.contentId}`;
  return row;
};
const age = (one: ContentToStore, minutes: number) =>
  db.sql`update vault.contents set created = clock_timestamp() - ${minutes} * interval '1 minute' where id = ${one.contentId}`;

describe('a content', () => {
  it('of any size comes back byte for byte, in another process', async () => {
    const entropy = seededEntropy('bytes');
    const all = [0, 1, 59, 60, 61, 64, 50_000].map((size) => ({ ...content(), bytes: entropy.bytes(size) }));
    await vaultOn(db.sql).contents.store(all);
    for (const one of all) expect(await opened(one)).toEqual(one.bytes);
  });

  it('is stored under a key of its own, and nothing of it in clear', async () => {
    const [a, b] = [content('planted 张三 text'), content('planted 张三 text')];
    await vaultOn(db.sql).contents.store([a, b]);
    const [one, two] = [await rowOf(a), await rowOf(b)];
    expect(one?.wrapped_key).not.toEqual(two?.wrapped_key);
    const dump = Buffer.concat([one?.sealed, one?.wrapped_key]);
    expect(dump.includes('planted')).toBe(false);
    expect(dump.includes(Buffer.from(sha256(a.bytes)))).toBe(false);
    expect(Object.keys(one ?? {})).toEqual(['id', 'stream', 'event_id', 'created', 'settled', 'wrapped_key', 'sealed']);
  });

  it('of 16 MB is stored; one byte more is not, nor what comes with it', async () => {
    const largest = { ...content(), bytes: new Uint8Array(MAX_CONTENT_BYTES).fill(7) };
    const other = content();
    const tooLarge = { ...content(), bytes: new Uint8Array(MAX_CONTENT_BYTES + 1) };
    const { contents } = vaultOn(db.sql);
    await expect(contents.store([other, tooLarge])).rejects.toThrow(ContentTooLarge);
    expect(await opened(other)).toBeUndefined();
    await contents.store([largest, other]);
    expect(sha256((await opened(largest)) as Uint8Array)).toEqual(sha256(largest.bytes));
    expect(await opened(other)).toEqual(other.bytes);
  });

  it('of hundreds comes in one transaction, all or none', async () => {
    const { contents } = vaultOn(db.sql);
    const stream = newStream();
    const many = Array.from({ length: 450 }, (_, i) => content(`{"n":${i}}`, stream));
    const taken = { ...(many[449] as ContentToStore), bytes: utf8('another') };
    await contents.store([taken]);
    await expect(contents.store(many)).rejects.toThrow(ContentDiffers);
    expect(await db.sql`select 1 from vault.contents where stream = ${stream}`).toHaveLength(1);
    await contents.store(many.slice(0, 449));
    expect(await opened(many[448] as ContentToStore)).toEqual(utf8('{"n":448}'));
  });

  it('stored again with the same bytes stays as it is; with others, or for another event, it is refused', async () => {
    const one = content();
    const { contents } = vaultOn(db.sql);
    await contents.store([one]);
    const before = await rowOf(one);
    await vaultOn(db.sql).contents.store([one]);
    const after = await rowOf(one);
    expect([after?.sealed, after?.wrapped_key]).toEqual([before?.sealed, before?.wrapped_key]);
    await expect(contents.store([{ ...one, bytes: utf8('other') }])).rejects.toMatchObject({ code: 'content-differs' });
    await expect(contents.store([{ ...one, eventId: newEventId() }])).rejects.toThrow(ContentDiffers);
    await expect(contents.store([{ ...one, stream: newStream() }])).rejects.toThrow(ContentDiffers);
    expect(await opened(one)).toEqual(one.bytes);
    await expect(contents.store([one, one])).rejects.toThrow('twice in one call');
  });

  it('of another stream, or that nobody stored, is undefined', async () => {
    const one = content();
    await vaultOn(db.sql).contents.store([one]);
    expect(await opened({ ...one, stream: newStream() })).toBeUndefined();
    expect(await opened({ ...one, contentId: newId16() })).toBeUndefined();
  });

  it('of an erased subject is erased, and none can be added', async () => {
    const one = content();
    const { vault, contents } = vaultOn(db.sql);
    await contents.store([one]);
    await destroyStreamKeys(vault, one.stream);
    expect(await opened(one)).toBe('erased');
    await expect(contents.store([content('x', one.stream)])).rejects.toThrow(KeyDestroyed);
  });

  it('with any byte of its row changed, or another hash expected, is not opened', async () => {
    const [one, other] = [content(), content()];
    const { vault, contents } = vaultOn(db.sql);
    await contents.store([one, other]);
    const [row, foreign] = [await rowOf(one), await rowOf(other)];
    const set = (wrapped: Uint8Array, sealed: Uint8Array) =>
      db.ownerSql`update vault.contents set wrapped_key = ${wrapped}, sealed = ${sealed} where id = ${one.contentId}`;
    const sealed = new Uint8Array(row?.sealed);
    const wrapped = new Uint8Array(row?.wrapped_key);
    for (let at = 0; at < sealed.length; at += 5) {
      await set(wrapped, flipped(sealed, at));
      await expect(opened(one, vault)).rejects.toThrow(Malformed);
    }
    for (let at = 4; at < wrapped.length; at += 5) {
      await set(flipped(wrapped, at), sealed);
      await expect(opened(one, vault)).rejects.toThrow(Malformed);
    }
    await set(flipped(wrapped, 3), sealed);
    await expect(opened(one, vault)).rejects.toMatchObject({ code: 'key-missing' });
    await set(foreign?.wrapped_key, foreign?.sealed);
    await expect(opened(one, vault)).rejects.toThrow(Malformed);
    await set(wrapped, sealed.slice(0, 11));
    await expect(opened(one, vault)).rejects.toThrow(Malformed);
    await set(wrapped, sealed);
    await expect(openContent(vault, one.stream, one.contentId, sha256(utf8('x')))).rejects.toThrow('its hash');
    expect(await opened(one, vault)).toEqual(one.bytes);
  });

  it('sealed with a false length or padding is malformed, although its tag fits', () => {
    const where = { stream: newStream(), id: newId16() };
    const [key, nonce] = [seededEntropy('k').bytes(32), new Uint8Array(12)];
    const good = sealContent(nodeSuite, key, nonce, where, utf8('abc'));
    expect(unsealContent(nodeSuite, key, where, good)).toEqual(utf8('abc'));
    // GCM is a stream cipher: what differs in the plaintext differs at the same place of the ciphertext, so seal again by hand.
    const forge = (change: (plain: Uint8Array) => Uint8Array) => {
      const aad = utf8(`hrl/content/v1\n\0\rinternational\0${String.fromCharCode(where.stream.length)}${where.stream}`);
      const binding = new Uint8Array([...aad, ...Buffer.from(where.id, 'base64url')]);
      const plain = nodeSuite.open(key, nonce, binding, good.slice(12));
      return new Uint8Array([...nonce, ...nodeSuite.seal(key, nonce, binding, change(plain))]);
    };
    expect(
      unsealContent(
        nodeSuite,
        key,
        where,
        forge((plain) => plain),
      ),
    ).toEqual(utf8('abc'));
    const refused = (change: (plain: Uint8Array) => Uint8Array, why: string) =>
      expect(() => unsealContent(nodeSuite, key, where, forge(change))).toThrow(why);
    refused((plain) => flipped(plain, 63), 'padding is not zero');
    refused((plain) => flipped(plain, 3), 'padding is not zero');
    refused((plain) => flipped(plain, 1), 'length does not fit');
    refused((plain) => flipped(plain, 0), 'length does not fit');
    refused((plain) => new Uint8Array([...plain, ...new Uint8Array(64)]), 'length does not fit');
    refused((plain) => plain.slice(0, 3), 'length does not fit');
  });
});

describe('the sweep', () => {
  const never = { known: async () => false, inDoubt: () => false };

  it('takes orphans older than ten minutes and nothing else', async () => {
    const { contents } = vaultOn(db.sql);
    const [orphan, young, known, doubt] = [content(), content(), content(), content()];
    await contents.store([orphan, young, known, doubt]);
    for (const one of [orphan, known, doubt]) await age(one, 11);
    await age(young, 9);
    const sweep = {
      known: async (id: string) => id === known.eventId,
      inDoubt: (id: string) => id === doubt.eventId,
    };
    expect(await sweepContents(db.sql, sweep)).toMatchObject({ deleted: expect.any(Number), inDoubt: 1 });
    expect(await opened(orphan)).toBeUndefined();
    for (const one of [young, known, doubt]) expect(await opened(one)).toEqual(one.bytes);
    // A settled content is not asked about again; one in doubt is.
    const asked: string[] = [];
    await sweepContents(db.sql, { known: async (id) => asked.push(id) > 0, inDoubt: () => false });
    expect(asked).toContain(doubt.eventId);
    expect(asked).not.toContain(known.eventId);
    expect(await opened(known)).toEqual(known.bytes);
  });

  it('takes nothing that a new attempt at the command has stored again', async () => {
    const { contents } = vaultOn(db.sql);
    const one = content();
    await contents.store([one]);
    await age(one, 60);
    const known = async () => {
      await contents.store([one]);
      return false;
    };
    await sweepContents(db.sql, { known, inDoubt: () => false });
    expect(await opened(one)).toEqual(one.bytes);
  });

  it('asks of the doubt before it asks of the event', async () => {
    const { contents } = vaultOn(db.sql);
    const one = content();
    await contents.store([one]);
    await age(one, 60);
    // The attempt in doubt turns out to be written between the first question and the second, whichever is first.
    let questions = 0;
    const written = () => questions++ > 0;
    await sweepContents(db.sql, {
      known: async (id) => id === one.eventId && written(),
      inDoubt: (id) => id === one.eventId && !written(),
    });
    expect(await opened(one)).toEqual(one.bytes);
  });

  it('touches nothing of a page when the ledger does not answer', async () => {
    const one = content();
    await vaultOn(db.sql).contents.store([one]);
    await age(one, 60);
    const down = { known: () => Promise.reject(new Error('down')), inDoubt: () => false };
    await expect(sweepContents(db.sql, down)).rejects.toThrow('down');
    expect(await opened(one)).toEqual(one.bytes);
    await sweepContents(db.sql, never);
    expect(await opened(one)).toBeUndefined();
  });

  it('goes through any number of contents, page by page', async () => {
    await sweepContents(db.sql, { olderThanMs: 0, ...never });
    const stream = newStream();
    const many = Array.from({ length: 1_203 }, (_, i) => content(`${i}`, stream));
    await vaultOn(db.sql).contents.store(many);
    const kept = new Set(many.filter((_, i) => i % 3 === 0).map((one) => one.eventId as string));
    const doubted = new Set(many.filter((_, i) => i % 3 === 1).map((one) => one.eventId as string));
    const swept = await sweepContents(db.sql, {
      olderThanMs: 0,
      known: async (id) => kept.has(id),
      inDoubt: (id) => doubted.has(id),
    });
    expect(swept).toEqual({ kept: 401, deleted: 401, inDoubt: 401 });
  });
});

describe('any content', () => {
  it('is opened as it was sealed, for its stream and id only', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const [key, nonce] = [seededEntropy('key').bytes(32), seededEntropy('nonce').bytes(12)];
    const [here, there] = [
      { stream: newStream(), id: newId16() },
      { stream: newStream(), id: newId16() },
    ];
    fc.assert(
      fc.property(bytes, (value) => {
        const sealed = sealContent(nodeSuite, key, nonce, here, value);
        expect((sealed.length - 28) % 64).toBe(0);
        expect(unsealContent(nodeSuite, key, here, sealed)).toEqual(new Uint8Array(value));
        for (const where of [there, { ...here, id: there.id }, { ...here, stream: there.stream }]) {
          expect(() => unsealContent(nodeSuite, key, where, sealed)).toThrow('tag does not fit');
        }
      }),
    );
  });
});
