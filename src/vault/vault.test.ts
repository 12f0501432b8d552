import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { seededEntropy } from '../../test/support/seeded.ts';
import {
  DECIDED,
  flipped,
  keyring,
  newStream,
  ORIGIN,
  refOf,
  sealMissed,
  sealRequest,
  vaultOn,
} from '../../test/support/vaults.ts';
import { parseBase64Url } from '../kernel/base64.ts';
import { Malformed } from '../kernel/fault.ts';
import { residentStream, toLabel } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { destroyPeriodKeys, destroyStreamKeys } from './destroy.ts';
import { KeyDestroyed, KeyMissing, WrongKeyring } from './faults.ts';
import { newWrappedKey } from './held-key.ts';
import { createKeyring } from './keyring.ts';
import { openPersonal, openPersonalEach } from './open-personal.ts';
import { openRetainedEach } from './open-retained.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const rows = async (table: 'stream_keys' | 'period_keys', stream?: string) =>
  stream === undefined
    ? db.sql`select * from ${db.sql(`vault.${table}`)}`
    : db.sql`select * from vault.stream_keys where stream = ${stream} order by kind, number`;

describe('the keys of a stream', () => {
  it('are created once and committed before anything can be sealed under them', async () => {
    const stream = newStream();
    const sealed = sealRequest(await vaultOn(db.sql).vault.keysOf(stream, DECIDED));
    expect((await rows('stream_keys', stream)).map((row) => `${row.kind}/${row.number}`)).toEqual([
      'personal/0',
      'tag/0',
    ]);
    expect(sealed.sealed.personal.keyId).toBe(`${stream}#personal#-#0`);
    expect(sealed.sealed.retained.keyId).toBe(`${stream}#life#2026#0`);
    const elsewhere = vaultOn(db.sql).vault;
    const [personal] = await openPersonal(elsewhere, [refOf(stream, sealed, 'personal')]);
    expect(personal).toMatchObject({ message: '请授权' });
    const [retained] = await elsewhere.openRetained([refOf(stream, sealed, 'retained')]);
    expect(retained).toMatchObject({ decided: DECIDED, terms: { purposes: ['TREAT'] } });
  });

  it('are the same for processes that create them at one moment', async () => {
    const streams = Array.from({ length: 5 }, newStream);
    const processes = Array.from({ length: 8 }, () => vaultOn(db.sql).vault);
    const year = '1999-12-31T23:59:59.999Z' as Instant;
    const sealed = await Promise.all(
      processes.map(async (vault, i) => {
        const turned = [...streams.slice(i % 5), ...streams.slice(0, i % 5)];
        return (await vault.keysOfMany(turned, year)).map((keys) => ({ keys, event: sealMissed(keys, year) }));
      }),
    );
    const all = sealed.flat();
    expect(new Set(all.map(({ keys }) => `${keys.stream} ${keys.mark('HIV')}`)).size).toBe(5);
    const refs = all.map(({ keys, event }) => refOf(keys.stream, event, 'retained'));
    const opened = await vaultOn(db.sql).vault.openRetained(refs);
    expect(opened.every((one) => one !== 'expired' && one.decided === year)).toBe(true);
  });

  it('come for many streams in the order asked for, doubles included, in one round trip when they exist', async () => {
    const streams = Array.from({ length: 300 }, newStream);
    const { vault } = vaultOn(db.sql);
    await vault.keysOfMany(streams, DECIDED);
    let statements = 0;
    const counting = new Proxy(db.sql, {
      apply: (target, self, args) => {
        if (Array.isArray(args[0]) && 'raw' in args[0]) statements++;
        return Reflect.apply(target, self, args);
      },
    });
    const other = vaultOn(counting).vault;
    const doubled = [...streams, ...streams.slice(0, 3)];
    const keys = await other.keysOfMany(doubled, DECIDED);
    expect(keys.map((one) => one.stream)).toEqual(doubled);
    expect(statements).toBe(2); // streams; classes and year
    await other.keysOfMany(streams, DECIDED);
    expect(statements).toBe(2);
  });

  it('of another year do not seal: the year of a key id is that of `decided`', async () => {
    const keys = await vaultOn(db.sql).vault.keysOf(newStream(), '2025-12-31T23:59:59.999Z' as Instant);
    expect(() => sealRequest(keys)).toThrow('another year');
    expect(sealRequest(keys, { decided: '2025-01-01T00:00:00.000Z' as Instant }).sealed.retained.keyId).toMatch(
      /#2025#0$/,
    );
  });

  it('seal nothing that the declaration does not allow', async () => {
    const keys = await vaultOn(db.sql).vault.keysOf(newStream(), DECIDED);
    expect(() => sealRequest(keys, { message: 'x'.repeat(501) })).toThrow(Malformed);
  });

  it('make other bytes each time: nonce and opening are drawn anew', async () => {
    const keys = await vaultOn(db.sql).vault.keysOf(newStream(), DECIDED);
    const [a, b] = [sealRequest(keys), sealRequest(keys)];
    expect(a.commitments.personal).not.toEqual(b.commitments.personal);
    expect(a.sealed.personal.bytes.slice(0, 12)).not.toEqual(b.sealed.personal.bytes.slice(0, 12));
    expect(a.sealed.personal.bytes.slice(0, 12)).not.toEqual(a.sealed.retained.bytes.slice(0, 12));
  });

  it('stand in the database wrapped only', async () => {
    const dump = JSON.stringify([await rows('stream_keys'), await rows('period_keys')]);
    for (const key of [...keyring.kek.values(), ...keyring.retention.values()]) {
      expect(dump).not.toContain(Buffer.from(key).toString('hex'));
      expect(dump).not.toContain(JSON.stringify([...key]));
    }
  });
});

describe('a sealed part', () => {
  it('with any byte changed, of another event, type, stream or kind, is not opened', async () => {
    const [stream, neighbour] = [newStream(), newStream()];
    const { vault } = vaultOn(db.sql);
    const keys = await vault.keysOf(stream, DECIDED);
    await vault.keysOf(neighbour, DECIDED);
    const event = sealRequest(keys);
    const other = sealRequest(keys);
    for (const kind of ['retained', 'personal'] as const) {
      const ref = refOf(stream, event, kind);
      const open = async (changed: object) => {
        const refs = [{ ...ref, ...changed }];
        const [answer] =
          kind === 'retained' ? await openRetainedEach(vault, refs) : await openPersonalEach(vault, refs);
        return answer;
      };
      const { keyId, bytes } = ref.part;
      expect(await open({})).not.toBeInstanceOf(Error);
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 1), async (at) => {
          expect(await open({ part: { keyId, bytes: flipped(bytes, at) } })).toBeInstanceOf(Malformed);
          expect(await open({ part: { keyId, bytes: bytes.slice(0, at) } })).toBeInstanceOf(Malformed);
          expect(await open({ commitment: flipped(ref.commitment, at % 32) })).toBeInstanceOf(Malformed);
        }),
        { numRuns: 60 },
      );
      expect(await open({ id: other.id })).toBeInstanceOf(Malformed);
      expect(await open({ commitment: other.commitments[kind] })).toBeInstanceOf(Malformed);
      expect(await open({ type: 'consent.requested@9' })).toBeInstanceOf(Malformed);
      expect(await open({ type: 'consent.granted@1' })).toBeInstanceOf(Malformed);
      expect(await open({ stream: neighbour })).toBeInstanceOf(Malformed);
      const moved = { keyId: keyId.replace(stream, neighbour), bytes };
      expect(await open({ stream: neighbour, part: moved })).toBeInstanceOf(Malformed);
      expect(await open({ part: event.sealed[kind === 'retained' ? 'personal' : 'retained'] })).toBeInstanceOf(
        Malformed,
      );
    }
  });

  it('that is wrong is named by its event and stands in its place; the strict form throws it', async () => {
    const stream = newStream();
    const { vault } = vaultOn(db.sql);
    const keys = await vault.keysOf(stream, DECIDED);
    const [good, bad] = [sealRequest(keys), sealRequest(keys)];
    const broken = { ...refOf(stream, bad, 'retained'), commitment: flipped(bad.commitments.retained, 0) };
    const refs = [refOf(stream, good, 'retained'), broken, refOf(stream, good, 'retained')];
    const answers = await openRetainedEach(vault, refs);
    expect(answers.map((one) => one instanceof Error)).toEqual([false, true, false]);
    await expect(vault.openRetained(refs)).rejects.toThrow(`event ${bad.id} sealed retained: tag does not fit`);
    await expect(vault.openRetained(refs)).rejects.toThrow(Malformed);
  });

  it('of a key that is nowhere is key-missing, not erased', async () => {
    const stream = newStream();
    const { vault } = vaultOn(db.sql);
    const event = sealRequest(await vault.keysOf(stream, DECIDED));
    const ref = refOf(stream, event, 'personal');
    const later = { ...ref, part: { ...ref.part, keyId: `${stream}#personal#-#1` } };
    await expect(openPersonal(vault, [later])).rejects.toThrow(KeyMissing);
    const retained = refOf(stream, event, 'retained');
    const elsewhen = { ...retained, part: { ...retained.part, keyId: `${stream}#life#1066#0` } };
    await expect(vault.openRetained([elsewhen])).rejects.toMatchObject({ code: 'key-missing' });
    const nobody = residentStream(toLabel(new Uint8Array(32)));
    const nobodys = { ...ref, stream: nobody, part: { ...ref.part, keyId: `${nobody}#personal#-#0` } };
    await expect(openPersonal(vault, [nobodys])).rejects.toThrow(KeyMissing);
    expect(await rows('stream_keys', nobody)).toEqual([]);
  });

  it('whose key another process has just made opens, although this process holds older ones in memory', async () => {
    const stream = newStream();
    const { vault } = vaultOn(db.sql);
    const decided = '2031-01-01T00:00:00.000Z' as Instant;
    await vault.keysOf(stream, decided);
    const next = { suite: nodeSuite, keyring, entropy: seededEntropy('next') };
    const personal = newWrappedKey(next, 'kek', `${stream}#personal#-#1`);
    const access = newWrappedKey(next, 'retention', `${ORIGIN}#access#2031#1`);
    await db.sql`insert into vault.stream_keys (stream, kind, number, wrapped) values (${stream}, 'personal', 1, ${personal})`;
    await db.sql`insert into vault.period_keys (retention, year, number, wrapped) values ('access', 2031, 1, ${access})`;
    const event = sealMissed(await vaultOn(db.sql).vault.keysOf(stream, decided), decided);
    expect(event.sealed.personal.keyId).toBe(`${stream}#personal#-#1`);
    expect(event.sealed.retained.keyId).toBe(`${stream}#access#2031#1`);
    expect(await openPersonal(vault, [refOf(stream, event, 'personal')])).toEqual([{}]);
    expect(await vault.openRetained([refOf(stream, event, 'retained')])).toMatchObject([{ decided }]);
  });
});

describe('the intent of an event', () => {
  it('is told, as are its absence and its erasure', async () => {
    const stream = newStream();
    const { vault } = vaultOn(db.sql);
    const keys = await vault.keysOf(stream, DECIDED);
    const [request, missed] = [sealRequest(keys), sealMissed(keys)];
    expect(parseBase64Url(await vault.openIntent(refOf(stream, request, 'personal')))).toEqual(new Uint8Array(32));
    expect(await vault.openIntent(refOf(stream, missed, 'personal'))).toBe('none');
    await destroyStreamKeys(vault, stream);
    expect(await vault.openIntent(refOf(stream, request, 'personal'))).toBe('erased');
  });
});

describe('a destroyed key', () => {
  it('of a stream: personal parts are erased, retained parts open, nothing new is sealed', async () => {
    const [stream, other] = [newStream(), newStream()];
    const { vault } = vaultOn(db.sql);
    const event = sealRequest(await vault.keysOf(stream, DECIDED));
    const theirs = sealRequest(await vault.keysOf(other, DECIDED));
    await destroyStreamKeys(vault, stream);
    await destroyStreamKeys(vault, stream);
    const refs = [refOf(stream, event, 'personal'), refOf(other, theirs, 'personal')];
    expect(await openPersonal(vault, refs)).toMatchObject(['erased', { message: '请授权' }]);
    expect(await vault.openRetained([refOf(stream, event, 'retained')])).toMatchObject([{ decided: DECIDED }]);
    await expect(vault.keysOf(stream, DECIDED)).rejects.toThrow(KeyDestroyed);
    expect((await rows('stream_keys', stream)).every((row) => row.wrapped === null && row.destroyed !== null)).toBe(
      true,
    );
  });

  it('of a class and year: its retained parts have expired, those of other classes and years have not', async () => {
    const stream = newStream();
    const { vault } = vaultOn(db.sql);
    const [then, later] = ['2011-05-05T00:00:00.000Z' as Instant, '2012-05-05T00:00:00.000Z' as Instant];
    const [old, young] = [await vault.keysOf(stream, then), await vault.keysOf(stream, later)];
    const events = [sealMissed(old, then), sealRequest(old, { decided: then }), sealMissed(young, later)];
    await destroyPeriodKeys(vault, 'access', 2011);
    const opened = await vault.openRetained(events.map((event) => refOf(stream, event, 'retained')));
    expect(opened).toMatchObject(['expired', { decided: then }, { decided: later }]);
    const keys = await vault.keysOf(stream, then);
    expect(() => sealMissed(keys, then)).toThrow(KeyDestroyed);
    expect(() => sealRequest(keys, { decided: then })).not.toThrow();
  });

  it('is used by another process for at most 60 s', async () => {
    const stream = newStream();
    let now = 0;
    const reader = vaultOn(db.sql, { now: () => now });
    const event = sealRequest(await reader.vault.keysOf(stream, DECIDED));
    await destroyStreamKeys(vaultOn(db.sql).vault, stream);
    now = 59_999;
    expect(await openPersonal(reader.vault, [refOf(stream, event, 'personal')])).toMatchObject([{ message: '请授权' }]);
    now = 60_000;
    expect(await openPersonal(reader.vault, [refOf(stream, event, 'personal')])).toEqual(['erased']);
  });
});

describe('another keyring', () => {
  it('of the same shape, or without the epoch that wrapped, is the wrong one', async () => {
    const stream = newStream();
    const event = sealRequest(await vaultOn(db.sql).vault.keysOf(stream, DECIDED));
    const other = createKeyring(seededEntropy('another ledger'));
    const { kek, retention } = other;
    const later = new Map([[2, seededEntropy('later').bytes(32)]]);
    for (const part of [{ kek }, { kek: later }]) {
      const { vault } = vaultOn(db.sql, { keyring: { ...keyring, ...part } });
      await expect(vault.keysOf(stream, DECIDED)).rejects.toThrow(WrongKeyring);
      await expect(openPersonal(vault, [refOf(stream, event, 'personal')])).rejects.toThrow(WrongKeyring);
    }
    for (const part of [{ retention }, { retention: later }]) {
      const { vault } = vaultOn(db.sql, { keyring: { ...keyring, ...part } });
      await expect(openRetainedEach(vault, [refOf(stream, event, 'retained')])).rejects.toMatchObject({
        code: 'wrong-keyring',
      });
    }
  });

  it('with a further epoch opens what the first wrapped and wraps what is new under the further', async () => {
    const [stream, fresh] = [newStream(), newStream()];
    const event = sealRequest(await vaultOn(db.sql).vault.keysOf(stream, DECIDED));
    const grown = { ...keyring, kek: new Map([...keyring.kek, [2, seededEntropy('kek 2').bytes(32)] as const]) };
    const { vault } = vaultOn(db.sql, { keyring: grown });
    expect(await openPersonal(vault, [refOf(stream, event, 'personal')])).toMatchObject([{ message: '请授权' }]);
    await vault.keysOf(fresh, DECIDED);
    const epochs = async (of: string) => (await rows('stream_keys', of)).map((row) => row.wrapped.readUInt32BE(0));
    expect(await epochs(stream)).toEqual([1, 1]);
    expect(await epochs(fresh)).toEqual([2, 2]);
  });
});

describe('a stored wrap', () => {
  it('with any byte changed, or moved to another stream, opens nothing', async () => {
    const [stream, thief] = [newStream(), newStream()];
    await vaultOn(db.sql).vault.keysOfMany([stream, thief], DECIDED);
    const [row] = await rows('stream_keys', stream);
    const wrapped = new Uint8Array(row?.wrapped);
    const set = (of: string, bytes: Uint8Array) =>
      db.sql`update vault.stream_keys set wrapped = ${bytes} where stream = ${of} and kind = 'personal'`;
    for (let at = 0; at < 64; at += 3) {
      await set(stream, flipped(wrapped, at));
      await expect(vaultOn(db.sql).vault.keysOf(stream, DECIDED)).rejects.toThrow(WrongKeyring);
    }
    await set(stream, wrapped);
    await expect(vaultOn(db.sql).vault.keysOf(stream, DECIDED)).resolves.toBeDefined();
    await set(thief, wrapped);
    await expect(vaultOn(db.sql).vault.keysOf(thief, DECIDED)).rejects.toThrow(WrongKeyring);
  });
});

describe('ids under the request and actor keys', () => {
  it('are the same in every process, and other for every part of what they are of', () => {
    const [a, b] = [vaultOn(db.sql).vault, vaultOn(db.sql).vault];
    const key = { issuer: 'https://idp.example', subject: 's', operation: 'grantConsent', requestId: 'request-1' };
    const id = a.commandId(key, 0);
    expect(b.commandId(key, 0)).toBe(id);
    expect(a.commandId(key, 1)).not.toBe(id);
    expect(a.intent(id, { a: 1 })).toBe(b.intent(id, { a: 1 }));
    expect(a.intent(id, { a: 2 })).not.toBe(a.intent(id, { a: 1 }));
    expect(parseBase64Url(a.intent(id, {}))).toHaveLength(32);
    expect(a.derivedId(id, 'consent')).toBe(b.derivedId(id, 'consent'));
    expect(
      new Set([a.derivedId(id, 'consent'), a.derivedId(id, 'record'), a.derivedId(a.commandId(key, 1), 'record')]).size,
    ).toBe(3);
    expect(a.actorId('i', 's')).toBe(b.actorId('i', 's'));
    expect(new Set([a.actorId('i', 's'), a.actorId('is', ''), a.actorId('', 'is'), a.actorId('i', 'S')]).size).toBe(4);
  });
});
