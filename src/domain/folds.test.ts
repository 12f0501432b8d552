import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryEvent, expired } from '../../test/support/arbitrary-events.ts';
import {
  adopted,
  CODE,
  deceased,
  doctor,
  entry,
  granted,
  hospital,
  id16,
  issued,
  mark,
  NOW,
  OWN_RECORDS,
  opened,
  policyOf,
  recordRegistered,
  registered,
  requested,
  suspended,
  terms,
  withdrawn,
} from '../../test/support/domain-samples.ts';
import { advance, at, checkForm, INITIAL, statesAfter, stored } from '../../test/support/given.ts';
import { type Canonical, canonicalBytes, parseCanonical } from '../kernel/canonical.ts';
import { addMs } from '../kernel/instant.ts';
import { type AnyNewEvent, CATALOGUE } from './catalogue.ts';
import { isActive } from './code/terms.ts';
import { FOLDS, type FoldName, type States } from './folds.ts';
import { lookUp } from './record/directory.ts';

const anyEvent = fc.oneof(...[...CATALOGUE.values()].map(arbitraryEvent));
const afterExpiry = (past: AnyNewEvent[], last: AnyNewEvent): States => advance(statesAfter(...past), expired(last));

describe('every fold', () => {
  it('has the name under which it is listed, a version, and kinds that some event or a coming one has', () => {
    for (const [name, fold] of Object.entries(FOLDS)) {
      expect(fold.name).toBe(name);
      expect(fold.version).toBeGreaterThanOrEqual(1);
      const read = fold.kinds.filter((kind) => [...CATALOGUE.keys()].some((type) => type.startsWith(kind)));
      expect(fold.kinds.filter((kind) => !read.includes(kind) && kind !== 'erasure.')).toEqual([]);
    }
  });

  it('is total on every event of the catalogue, expired or not, and its states are canonical JSON', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 3 })), { maxLength: 30 }), (drawn) => {
        for (const [event] of drawn) {
          checkForm(event);
          seen.add(event.type);
        }
        const history = stored(drawn.map(([event]) => event)).map((event, i) =>
          drawn[i]?.[1] === 0 ? { ...event, retained: 'expired' as const } : event,
        );
        const states = history.reduce(advance, INITIAL);
        for (const name of Object.keys(FOLDS) as FoldName[]) {
          const state = states[name] as Canonical;
          expect(parseCanonical(canonicalBytes(state))).toEqual(state);
        }
      }),
      { numRuns: 300 },
    );
    expect([...CATALOGUE.keys()].filter((type) => !seen.has(type))).toEqual([]);
  });

  it('gives the same from a snapshot at any point as from the beginning', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.nat(20), (events, cut) => {
        const history = stored(events);
        const snapshot = parseCanonical(canonicalBytes(history.slice(0, cut).reduce(advance, INITIAL) as Canonical));
        expect(history.slice(cut).reduce(advance, snapshot as States)).toEqual(history.reduce(advance, INITIAL));
      }),
    );
  });
});

describe('what has expired is read against the asker', () => {
  const base = [registered, issued(), hospital, doctor(), granted(), requested(id16(2))];

  it('an end ends all that it may have been the end of', () => {
    const revoked = {
      type: 'consent.revoked@1',
      retained: { consentId: id16(9), reason: 'resident' },
      personal: {},
    } as const;
    const denied = { ...revoked, type: 'consent.denied@1' } as const;
    expect(afterExpiry(base, revoked).consent.grants).toEqual([]);
    expect(afterExpiry(base, denied).consent.pending).toEqual([]);
    expect(afterExpiry(base, suspended()).code.live?.suspended).toBe('office');
    const closing = { type: 'code.closed@1', retained: { codeRef: CODE, reason: 'office' }, personal: {} } as const;
    expect(afterExpiry(base, closing).code).toEqual({ closed: [CODE] });
    expect(afterExpiry([registered], closing).code).toEqual({ closed: [] });
    expect(afterExpiry(base, deceased).identity.status).toBe('deceased');
    const changed = { ...doctor(), type: 'practitioner.changed@1' } as AnyNewEvent;
    expect(afterExpiry(base, changed).practitioner.profile).toBeUndefined();
    const other = adopted(policyOf(), 62);
    expect(afterExpiry([opened, adopted(policyOf(OWN_RECORDS))], other).policy).toEqual({});
  });

  it('a permit permits nothing', () => {
    expect(afterExpiry([registered], issued()).code.live).toBeUndefined();
    expect(afterExpiry([registered], granted()).consent.grants).toEqual([]);
    expect(afterExpiry([registered], recordRegistered(entry(1))).custodians).toEqual([]);
    expect(afterExpiry([], doctor()).practitioner).toMatchObject({ status: 'live' });
    expect(afterExpiry([], doctor()).practitioner.profile).toBeUndefined();
    const resumed = { type: 'code.resumed@1', retained: { codeRef: CODE }, personal: {} } as const;
    const state = afterExpiry([registered, issued(), suspended()], resumed).code;
    expect(isActive(state, CODE)).toBe(false);
  });

  it('a person stays registered', () => {
    expect(afterExpiry([], registered).identity).toEqual({ status: 'living', documents: [], logins: [] });
  });
});

describe('the consent state', () => {
  it('keeps what is alive and drops what has ended or expired', () => {
    const over = terms({ validUntil: addMs(NOW, 10) });
    const past = [granted(id16(1), over), requested(id16(2), terms(), addMs(NOW, 10)), granted(id16(3))];
    expect(statesAfter(...past).consent.grants).toHaveLength(2);
    const later = statesAfter(...past, at(addMs(NOW, 11), requested(id16(4))));
    expect(later.consent.grants.map(({ consentId }) => consentId)).toEqual([id16(3)]);
    expect(later.consent.pending.map(({ consentId }) => consentId)).toEqual([id16(4)]);
    expect(later.fates).toEqual({
      [id16(1)]: 'granted',
      [id16(2)]: 'requested',
      [id16(3)]: 'granted',
      [id16(4)]: 'requested',
    });
  });

  it('does not grow with the consents that there were', () => {
    const round = (i: number): AnyNewEvent[] => [
      requested(id16(i)),
      granted(id16(i)),
      { type: 'consent.revoked@1', retained: { consentId: id16(i), reason: 'resident' }, personal: {} },
    ];
    const { consent } = statesAfter(...Array.from({ length: 200 }, (_, i) => round(i)).flat());
    expect(consent).toEqual({ pending: [], grants: [] });
  });
});

describe('the record states', () => {
  it('find a record by its id and by its source, live or withdrawn', () => {
    const { record } = statesAfter(
      recordRegistered(entry(1)),
      recordRegistered(entry(2)),
      withdrawn(entry(2).retained.recordId),
    );
    expect(lookUp(record.sources, mark(2001))).toBe(entry(1).retained.recordId);
    expect(lookUp(record.records, entry(1).retained.recordId)).toMatchObject({ state: 'live' });
    expect(lookUp(record.records, entry(2).retained.recordId)).toMatchObject({ state: 'withdrawn' });
    expect(lookUp(record.records, id16(1))).toBeUndefined();
  });

  it('know every organisation that ever registered one, withdrawn ones too', () => {
    const past = [
      recordRegistered(entry(1)),
      recordRegistered(entry(2, { custodian: id16(7) })),
      withdrawn(entry(1).retained.recordId),
    ];
    expect(statesAfter(...past).custodians).toEqual([id16(7), entry(1).retained.custodian]);
  });

  it('tell the revision of the last event that changes what can be opened', () => {
    expect(statesAfter().shelf).toEqual({ revision: -1 });
    expect(statesAfter(registered, issued(), granted(), requested(id16(2))).shelf).toEqual({ revision: 1 });
    expect(statesAfter(registered, granted(), recordRegistered(entry(1))).shelf).toEqual({ revision: 2 });
  });
});
