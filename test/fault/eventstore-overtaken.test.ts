import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addMs } from '../../src/kernel/instant.ts';
import { AppendOvertaken } from '../../src/ledger/faults.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { expectConflict } from '../contract/ledger-under-test.ts';
import { describeWithFaults, type LedgerServer, ledgerServer } from '../support/eventstore-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';

const make = sealedEvents(seededEntropy('overtaken'));
const now = decidedAt(SEEDED_START);

let under: LedgerServer;
let ledger: Ledger;
let other: Ledger;
beforeEach(async () => {
  under = await ledgerServer();
  ledger = await under.open();
  other = await under.open();
});
afterEach(() => under.close());

const outcome = (append: Promise<unknown>) =>
  append.then(
    (appended) => appended,
    (error: unknown) => error,
  );

describeWithFaults('an append that saw other streams', () => {
  it('is a conflict, and nothing is written, when something newer stood there before it was sent', async () => {
    const [a, b] = [make.stream(), make.stream()];
    await other.append(b, make.events(1, 'practitioner.ended@1'), now);
    const seen = { stream: b, revision: -1n, kinds: ['practitioner.'] };
    await expectConflict(ledger.append(a, make.events(1), decidedAt(SEEDED_START, seen)), 'seen');
    expect(await ledger.head(a)).toBeUndefined();
  });

  it('is no proof of anything when something newer stood there before it was acknowledged', async () => {
    const [a, b] = [make.stream(), make.stream()];
    const events = make.events(2);
    await under.faults().holdWrites('answer');
    const seen = { stream: b, revision: -1n, kinds: ['practitioner.'] };
    const read = outcome(ledger.append(a, events, decidedAt(SEEDED_START, seen)));
    await sleep(150);
    const ended = other.append(b, make.events(1, 'practitioner.ended@1'), now);
    await sleep(150);
    await under.faults().releaseWrites();
    await ended;
    const said = await read;
    expect(said).toBeInstanceOf(AppendOvertaken);
    const { written, reason } = said as AppendOvertaken;
    expect(reason).toBe('seen');
    const stored = await Promise.all(events.map(({ id }) => ledger.find(id)));
    expect(written).toEqual({
      stream: a,
      time: SEEDED_START,
      events: stored.map((event) => ({
        id: event?.id,
        revision: event?.revision,
        position: event?.position,
        leafHash: event?.leafHash,
      })),
    });
  });

  it('holds when only other kinds came there meanwhile', async () => {
    const [a, b] = [make.stream(), make.stream()];
    await under.faults().holdWrites('answer');
    const seen = { stream: b, revision: -1n, kinds: ['practitioner.'] };
    const read = ledger.append(a, make.events(1), decidedAt(SEEDED_START, seen));
    await sleep(150);
    const beside = other.append(b, make.events(3), now);
    await sleep(150);
    await under.faults().releaseWrites();
    expect((await read).events).toHaveLength(1);
    await beside;
  });

  it('is overtaken by time when its answer comes after it', async () => {
    const stream = make.stream();
    await under.faults().holdWrites('answer');
    const late = outcome(ledger.append(stream, make.events(1), now));
    await sleep(150);
    under.clock.set(addMs(SEEDED_START, 5_001));
    await under.faults().releaseWrites();
    expect(await late).toMatchObject({ code: 'append-overtaken', reason: 'not-after', written: { stream } });
    expect((await ledger.head(stream))?.revision).toBe(0n);
  });

  it('is told of each append of a group for itself', async () => {
    const [a, b] = [make.stream(), make.stream()];
    await ledger.append(a, make.events(1), now);
    await under.faults().holdWrites('answer');
    const seen = { stream: b, revision: -1n, kinds: ['practitioner.'] };
    const [held, overtaken] = [
      outcome(ledger.append(a, make.events(1), now)),
      outcome(ledger.append(a, make.events(1), decidedAt(SEEDED_START, seen))),
    ];
    await sleep(150);
    const ended = other.append(b, make.events(1, 'practitioner.ended@1'), now);
    await sleep(150);
    await under.faults().releaseWrites();
    await ended;
    expect(await held).toMatchObject({ events: [{ revision: 1n }] });
    expect(await overtaken).toMatchObject({ code: 'append-overtaken', written: { events: [{ revision: 2n }] } });
  });
});
