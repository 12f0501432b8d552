import { describe, expect, it } from 'vitest';
import { soon, type UnsealedEvent, unsealedLedger } from '../../test/support/unsealed-ledger.ts';
import { institutionStream, toId16 } from '../kernel/id.ts';
import { addMs, type Instant } from '../kernel/instant.ts';
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
