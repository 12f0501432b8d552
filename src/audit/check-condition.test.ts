import { describe, expect, it } from 'vitest';
import type { CommonRetained } from '../kernel/event.ts';
import type { StreamName } from '../kernel/id.ts';
import { addMs, type Instant } from '../kernel/instant.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { checkCondition } from './check-condition.ts';
import type { Stood } from './stream-seen.ts';

const NOW = '2026-11-22T00:00:00.000Z' as Instant;
const event = { stream: 'own' as StreamName, revision: 4n, time: NOW } as RecordedEvent;
const stood = (revision: bigint, ...last: [string, bigint][]): Stood => ({ revision, lastOfType: new Map(last) });
const OWN = stood(3n, ['consent.granted@1', 1n], ['access.denied@1', 3n]);
const OTHER = stood(9n, ['institution.ended@1', 9n]);

const check = (over: Partial<Pick<CommonRetained, 'decided' | 'notAfter' | 'seen'>>) =>
  checkCondition(event, { decided: NOW, notAfter: NOW, seen: [], ...over }, OWN, (stream) =>
    stream === 'other' ? OTHER : undefined,
  )?.kind;
const seen = (stream: string, revision: number, ...kinds: string[]) => ({
  seen: [{ stream: stream as StreamName, revision, kinds }],
});

describe('a condition', () => {
  it('holds from the instant of the decision to its last instant, both included', () => {
    expect(check({})).toBeUndefined();
    expect(check({ decided: addMs(NOW, 1) })).toBe('decided-after-append');
    expect(check({ notAfter: addMs(NOW, -1) })).toBe('condition-broken');
  });

  it('holds while nothing of its kinds stands behind what was seen', () => {
    expect(check(seen('own', 1, 'consent.', 'erasure.'))).toBeUndefined();
    expect(check(seen('own', 0, 'consent.'))).toBe('condition-broken');
    expect(check(seen('own', 0, 'consent.granted'))).toBe('condition-broken');
    expect(check(seen('own', 0, 'consent.revoked'))).toBeUndefined();
    expect(check(seen('own', 2, ''))).toBe('condition-broken');
    expect(check(seen('own', 3, ''))).toBeUndefined();
    expect(check(seen('other', 8, 'institution.'))).toBe('condition-broken');
    expect(check(seen('other', 9, 'institution.'))).toBeUndefined();
  });

  it('cannot have seen what did not yet stand', () => {
    expect(check(seen('own', 4, 'consent.'))).toBe('condition-broken');
    expect(check(seen('other', 10, 'consent.'))).toBe('condition-broken');
    expect(check(seen('nobody', 0, 'consent.'))).toBe('condition-broken');
    expect(check(seen('nobody', -1, ''))).toBeUndefined();
  });
});
