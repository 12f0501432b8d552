import { describe, expect, it } from 'vitest';
import { soon, type UnsealedEvent, unsealedLedger } from '../../test/support/unsealed-ledger.ts';
import { institutionStream, toId16 } from '../kernel/id.ts';
import { addMs, type Instant } from '../kernel/instant.ts';
import type { Position, RecordedEvent } from '../ledger/port.ts';
import type { StoredLedger } from '../ledger/stored.ts';
import { checkLedger } from './check-ledger.ts';
import { wasErased } from './course.ts';
import type { StreamSeen } from './stream-seen.ts';
import { verdictJson, verdictText } from './verdict.ts';

const stream = institutionStream(toId16(new Uint8Array(16).fill(1)));
const MISSED: UnsealedEvent = {
  type: 'access.missed@1',
  retained: { purpose: 'TREAT', selection: { what: 'records' } },
};
const ENDED: UnsealedEvent = { type: 'institution.ended@1', retained: { reason: 'closed' } };
const LATER = addMs('2030-01-01T00:00:00.000Z' as Instant, 0);

async function ledgerOf(events: readonly UnsealedEvent[], now?: Instant) {
  const on = unsealedLedger('course', now === undefined ? {} : { now: () => now });
  for (const event of events) {
    const told = { ...soon(on.clock.now()), seen: [] };
    await on.ledger.append(stream, [on.seal(stream, event, told)], told);
  }
  return on;
}
const verdictOn = async (events: readonly UnsealedEvent[], now?: Instant) =>
  checkLedger((await ledgerOf(events, now)).deps);

describe('a part that has ended', () => {
  it('hides nothing of what follows it', async () => {
    const ended = { ...MISSED, ended: 'retained' as const };
    expect(await verdictOn([ended, MISSED, ENDED], LATER)).toMatchObject({
      verdict: 'consistent, not anchored',
      events: 3n,
    });
    const on = await ledgerOf([ended, ENDED], LATER);
    const stale = { ...soon(on.clock.now()), seen: [{ stream, revision: 0n, kinds: ['institution.'] }] };
    await on.ledger.append(stream, [on.seal(stream, ENDED, stale)], { ...stale, seen: [] });
    expect((await checkLedger(on.deps)).finding).toMatchObject({ kind: 'condition-broken', revision: '2' });
  });

  it('before its term is withheld', async () => {
    expect((await verdictOn([{ ...MISSED, ended: 'retained' }])).finding).toMatchObject({
      kind: 'withheld',
      revision: '0',
    });
  });

  it('and is personal is withheld, unless an erasure stands in its stream', async () => {
    const { finding, events } = await verdictOn([
      ENDED,
      { ...ENDED, ended: 'personal' },
      { ...ENDED, ended: 'personal' },
    ]);
    expect(finding).toMatchObject({ kind: 'withheld', revision: '1' });
    // The events are right; it is what should have followed that is missing.
    expect(events).toBe(3n);
    const seen = (...types: string[]) =>
      ({ lastOfType: new Map(types.map((type) => [type, 0n])) }) as unknown as StreamSeen;
    expect(wasErased(seen('identity.registered@1', 'erasure.ordered@1'))).toBe(true);
    expect(wasErased(seen('identity.registered@1'))).toBe(false);
    expect(wasErased(undefined)).toBe(false);
  });
});

describe('an append', () => {
  it('that ends the ledger before it is whole is named at its last event', async () => {
    const verdict = await verdictOn([MISSED, { ...MISSED, batch: { at: 0, of: 2 } }]);
    expect(verdict.finding).toEqual({
      kind: 'batch-partial',
      detail: 'an append of 2 events ends after 1',
      position: 'm1',
      stream,
      revision: '1',
    });
  });
});

describe('the order of events', () => {
  const other = institutionStream(toId16(new Uint8Array(16).fill(2)));

  /** Two events of two streams, one second apart, as a store shows them that somebody has changed. */
  async function shown(change: (a: RecordedEvent, b: RecordedEvent) => readonly RecordedEvent[], end?: string) {
    const on = unsealedLedger('order');
    for (const to of [stream, other]) {
      const told = { ...soon(on.clock.advance(1_000)), seen: [] };
      await on.ledger.append(to, [on.seal(to, MISSED, told)], told);
    }
    const [[a] = [], [b] = []] = await on.ledger.readStreams([{ stream }, { stream: other }]);
    const rows = async function* () {
      yield change(a as RecordedEvent, b as RecordedEvent);
    };
    const heads = async function* () {};
    const view = { end: { position: (end ?? b?.position) as Position }, rows, decided: heads, heads };
    const stored: StoredLedger = { ...on.deps.stored, asOfNow: (work) => work(view) };
    return (await checkLedger({ ...on.deps, stored })).finding;
  }

  it('is that of positions, each once and none behind the end', async () => {
    expect(await shown((a, b) => [{ ...b, position: a.position }, a])).toMatchObject({ kind: 'position-order' });
    expect(await shown((a) => [a, a])).toMatchObject({ kind: 'position-order' });
    expect(await shown((a, b) => [a, b], 'm0')).toMatchObject({ kind: 'ledger-head-mismatch', position: 'm1' });
  });

  it('is that of time, throughout the ledger', async () => {
    expect(
      await shown((a, b) => [
        { ...b, position: a.position },
        { ...a, position: b.position },
      ]),
    ).toMatchObject({
      kind: 'time-order',
      stream,
    });
  });

  it('is one of ids that none bears twice', async () => {
    const on = unsealedLedger('twice');
    const told = { ...soon(), seen: [] };
    const sealed = on.seal(stream, MISSED, told);
    await on.ledger.append(stream, [sealed], told);
    const twin = unsealedLedger('twin');
    await twin.ledger.append(other, [sealed], told);
    const [[a] = [], [b] = []] = [
      ...(await on.ledger.readStreams([{ stream }])),
      ...(await twin.ledger.readStreams([{ stream: other }])),
    ];
    const rows = async function* () {
      yield [a as RecordedEvent, { ...(b as RecordedEvent), position: 'm1' as Position }];
    };
    const heads = async function* () {};
    const stored: StoredLedger = {
      ...on.deps.stored,
      asOfNow: (work) => work({ end: { position: 'm1' as Position }, rows, decided: heads, heads }),
    };
    expect((await checkLedger({ ...on.deps, stored })).finding).toMatchObject({ kind: 'id-twice', stream: other });
  });
});

describe('a verdict', () => {
  it('reads the same for people and for programs, and names the place', async () => {
    const right = await verdictOn([ENDED]);
    expect(verdictText(right)).toBe(`consistent, not anchored: 1 events in 1 streams, root ${right.root}`);
    expect(verdictJson(right)).toEqual({ verdict: right.verdict, events: '1', streams: 1, root: right.root });
    const wrong = await verdictOn([{ ...MISSED, ended: 'retained' }]);
    expect(verdictText(wrong)).toMatch(
      /^broken: 0 events in 0 streams are right, then this is not\nwithheld: .*\n {2}position m0\n/,
    );
    expect(JSON.parse(JSON.stringify(verdictJson(wrong)))).toMatchObject({
      verdict: 'broken',
      finding: { stream, position: 'm0' },
    });
  });
});
