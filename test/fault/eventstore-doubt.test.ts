import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppendUnknown, LedgerUnavailable } from '../../src/ledger/faults.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { expectConflict, idsOf } from '../contract/ledger-under-test.ts';
import { describeWithFaults, type LedgerServer, ledgerServer } from '../support/eventstore-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';
import { verifyLedger } from '../support/verify-ledger.ts';

const make = sealedEvents(seededEntropy('doubt'));
const now = decidedAt(SEEDED_START);

let under: LedgerServer;
let ledger: Ledger;
beforeEach(async () => {
  under = await ledgerServer({ shape: 'disk' });
  ledger = await under.open();
});
afterEach(() => under.close());

const stands = async () => (await verifyLedger(await under.open(), suite)).events;
const fault = (append: Promise<unknown>) =>
  append.then(
    () => 'appended',
    (error: unknown) => error,
  );

describeWithFaults('an append whose answer is lost', () => {
  it('is sent again as it is, and stands once', async () => {
    await ledger.append(make.stream(), make.events(1), now);
    await under.faults().holdWrites('answer');
    const streams = Array.from({ length: 16 }, () => make.stream());
    const batches = streams.map((_, i) => make.events(1 + (i % 3)));
    const appends = streams.map((stream, i) => ledger.append(stream, batches[i] ?? [], now));
    await sleep(200);
    await under.faults().dropConnections();
    await under.faults().releaseWrites();
    const appended = await Promise.all(appends);
    const events = await stands();
    expect(events).toHaveLength(1 + batches.flat().length);
    for (const { events: told } of appended) {
      for (const { id, position, leafHash, revision } of told) {
        const stored = events.find((event) => event.id === id);
        expect({ position: stored?.position, leafHash: stored?.leafHash, revision: stored?.revision }).toEqual({
          position,
          leafHash,
          revision,
        });
      }
    }
  });

  it('is followed by nothing of its stream until its fate is seen, and others go on', async () => {
    const [a, b] = [make.stream(), make.stream()];
    await ledger.append(a, make.events(1), now);
    await under.faults().holdWrites('store');
    const first = ledger.append(a, make.events(1), now);
    await sleep(100);
    const second = ledger.append(a, make.events(1), now);
    const third = ledger.append(a, make.events(1), now);
    const elsewhere = ledger.append(b, make.events(1), now);
    // After two seconds the server answers with a time-out, and what was held is sent again.
    await sleep(2_500);
    await under.faults().releaseWrites();
    const revisions = (await Promise.all([first, second, third])).map(({ events }) => events[0]?.revision);
    expect(revisions).toEqual([1n, 2n, 3n]);
    await elsewhere;
    expect(await stands()).toHaveLength(5);
  });
});

describeWithFaults.each(['stored', 'lost'] as const)(
  'a server that crashes with appends in doubt which it has %s',
  (waiting) => {
    it('takes each of them once when it is back: none is lost, none doubled', async () => {
      await ledger.append(make.stream(), make.events(1), now);
      await under.faults().holdWrites('store');
      const streams = Array.from({ length: 8 }, () => make.stream());
      const batches = Array.from({ length: 16 }, () => make.events(2));
      const appends = batches.map((events, i) => ledger.append(streams[i % 8] ?? make.stream(), events, now));
      await sleep(200);
      await under.faults().crash(waiting);
      await sleep(300);
      await under.faults().restart();
      expect((await Promise.all(appends)).map(({ events }) => idsOf(events))).toEqual(batches.map(idsOf));
      expect(await stands()).toHaveLength(33);
    });
  },
);

describeWithFaults('an append that nobody can tell the fate of', () => {
  it('is unknown to its caller in time, and stands once when it stands; what was not sent is known not to be written', async () => {
    const hasty = await under.open({ settleMs: 700, callTimeoutMs: 300 });
    const stream = make.stream();
    await hasty.append(stream, make.events(1), now);
    await under.faults().holdWrites('store');
    const [sent] = make.events(1);
    const began = performance.now();
    const first = fault(hasty.append(stream, sent === undefined ? [] : [sent], now));
    await sleep(100);
    const behind = make.events(1);
    const second = fault(hasty.append(stream, behind, now));
    expect(await first).toBeInstanceOf(AppendUnknown);
    expect(await second).toBeInstanceOf(LedgerUnavailable);
    expect(performance.now() - began).toBeLessThan(2_000);
    await under.faults().releaseWrites();
    // It goes on asking although nobody waits: the stream is free as soon as that is known.
    const last = await hasty.append(stream, make.events(1), now);
    expect(last.events[0]?.revision).toBe(2n);
    expect((await hasty.find(sent?.id ?? make.id()))?.revision).toBe(1n);
    expect(await hasty.find(behind[0]?.id ?? make.id())).toBeUndefined();
  });

  it('and the same request through another process: one of them stands', async () => {
    const other = await under.open();
    for (const order of ['first', 'second'] as const) {
      const dying = await under.open({ settleMs: 400, callTimeoutMs: 200 });
      const stream = make.stream();
      await dying.append(stream, make.events(1), now);
      const id = make.id();
      await under.faults().holdWrites('store');
      expect(await fault(dying.append(stream, [make.event({ id })], now))).toBeInstanceOf(AppendUnknown);
      if (order === 'first') await dying.close();
      const again = fault(other.append(stream, [make.event({ id })], now));
      await sleep(100);
      await under.faults().releaseWrites();
      const outcome = await again;
      if (outcome !== 'appended') expect(outcome).toMatchObject({ code: 'append-conflict', reason: 'id-taken' });
      const found = await other.find(id);
      expect(found?.revision).toBe(1n);
      await other.append(stream, make.events(1), now);
      const whole = [];
      for await (const event of other.readStream(stream)) whole.push(event.id);
      expect(whole.filter((each) => each === id)).toHaveLength(1);
    }
    await stands();
  });

  it('keeps its id from every other stream', async () => {
    const dying = await under.open({ settleMs: 400, callTimeoutMs: 200 });
    const [a, b] = [make.stream(), make.stream()];
    const id = make.id();
    await under.faults().holdWrites('store');
    expect(await fault(dying.append(a, [make.event({ id })], now))).toBeInstanceOf(AppendUnknown);
    await dying.close();
    await expectConflict(ledger.append(b, [make.event({ id })], now), 'id-taken');
    await under.faults().releaseWrites();
    await expectConflict(ledger.append(b, [make.event({ id })], now), 'id-taken');
    const events = await stands();
    expect(events.filter((event) => event.id === id).length).toBeLessThan(2);
    expect(events.every(({ stream }) => stream === a)).toBe(true);
  });

  it('whose place another process has taken is decided again behind it', async () => {
    const other = await under.open();
    const stream = make.stream();
    await ledger.append(stream, make.events(1), now);
    await other.head(stream);
    await under.faults().holdWrites('store');
    const guarded = { stream, revision: 0n, kinds: ['consent.'] };
    const theirs = other.append(stream, make.events(1, 'consent.revoked@1'), now);
    await sleep(150);
    const ours = [
      ledger.append(stream, make.events(1), now),
      fault(ledger.append(stream, make.events(1), decidedAt(SEEDED_START, guarded))),
    ];
    await sleep(150);
    await under.faults().releaseWrites();
    expect((await theirs).events[0]?.revision).toBe(1n);
    expect(await ours[1]).toMatchObject({ code: 'append-conflict', reason: 'seen' });
    expect(await ours[0]).toMatchObject({ events: [{ revision: 2n }] });
    expect(await stands()).toHaveLength(3);
  });
});

describeWithFaults('an id that was refused', () => {
  it('is free again: for the same stream, for another one, and for another process', async () => {
    const other = await under.open();
    const [a, b, c] = [make.stream(), make.stream(), make.stream()];
    await ledger.append(a, make.events(1, 'consent.granted@1'), now);
    const stale = decidedAt(SEEDED_START, { stream: a, revision: -1n, kinds: ['consent.'] });
    const ids = [make.id(), make.id(), make.id()] as const;
    for (const id of ids) await expectConflict(ledger.append(a, [make.event({ id })], stale), 'seen');
    await ledger.append(a, [make.event({ id: ids[0] })], now);
    await ledger.append(b, [make.event({ id: ids[1] })], now);
    await other.append(c, [make.event({ id: ids[2] })], now);
    expect(idsOf(await stands()).slice(1)).toEqual([...ids]);
  });
});
