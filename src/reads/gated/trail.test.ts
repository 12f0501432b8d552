import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mixedEvents } from '../../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { idOf, labelOf, openPlain } from '../../../test/support/plain-events.ts';
import { fillReadTables } from '../../../test/support/read-tables.ts';
import { kindOf, subjectOf } from '../../kernel/id.ts';
import { addMs, type Instant } from '../../kernel/instant.ts';
import type { RecordedEvent } from '../../ledger/port.ts';
import { openTrail, type PlannedTrailEntry, planTrail, type TrailFilter } from './trail.ts';

interface Entry {
  readonly event: RecordedEvent;
  readonly by: { readonly id: string; readonly organisation?: string };
  readonly purpose: string | undefined;
  readonly trace: string | undefined;
}

let db: FreshDatabase;
/** The access events, the newest first. */
let entries: Entry[];
beforeAll(async () => {
  db = await freshDatabase();
  const ledger = await fillReadTables(db.sql, mixedEvents(900));
  entries = [];
  for await (const event of ledger.readAll()) {
    if (!event.type.startsWith('access.')) continue;
    const part = event.sealed.retained;
    const [retained] = await openPlain([{ ...event, commitment: event.commitments.retained, part }]);
    if (retained === undefined || retained === 'expired') throw new Error('nothing expires here');
    const { by, trace } = retained;
    entries.unshift({ event, by, trace, purpose: 'purpose' in retained ? String(retained.purpose) : undefined });
  }
});
afterAll(() => db.drop());

function expected({ label, actor, organisation, purpose, trace, from, until }: TrailFilter): Entry[] {
  return entries.filter(
    ({ event, by, ...entry }) =>
      (label === undefined || (kindOf(event.stream) === 'resident' && subjectOf(event.stream) === label)) &&
      (actor === undefined || by.id === actor) &&
      (organisation === undefined || by.organisation === organisation) &&
      (purpose === undefined || entry.purpose === purpose) &&
      (trace === undefined || entry.trace === trace) &&
      (from === undefined || event.time >= from) &&
      (until === undefined || event.time < until),
  );
}

const instant = fc.nat(1000).map((ms): Instant => addMs('2026-11-22T00:00:00.000Z' as Instant, ms));
const filter: fc.Arbitrary<TrailFilter> = fc.record(
  {
    label: fc.nat(3).map(labelOf),
    actor: fc.nat(4).map((n) => idOf('practitioner', n)),
    organisation: fc.nat(4).map((n) => idOf('institution', n)),
    purpose: fc.constantFrom('TREAT' as const, 'HRESCH' as const),
    trace: fc.nat(4).map((n) => `trace-${n}-abcdef`),
    from: instant,
    until: instant,
  },
  { requiredKeys: [] },
);

describe('the plan of a trail', () => {
  it('names exactly what all parts of the filter name, page by page, the newest first, and counts it', async () => {
    await fc.assert(
      fc.asyncProperty(filter, fc.integer({ min: 3, max: 60 }), async (asked, first) => {
        const wanted = expected(asked).map(({ event }) => ({ eventId: event.id, revision: event.revision }));
        const seen: PlannedTrailEntry[] = [];
        let page = await planTrail(db.sql, { filter: asked, first });
        for (;;) {
          expect(page.matched).toBe(wanted.length);
          seen.push(...page.items);
          expect(page.hasNext).toBe(seen.length < wanted.length);
          const last = page.items.at(-1);
          if (!page.hasNext || last === undefined) break;
          page = await planTrail(db.sql, { filter: asked, first, after: last.sortKey });
        }
        expect(seen.map(({ eventId, revision }) => ({ eventId, revision }))).toEqual(wanted);
      }),
      { numRuns: 120 },
    );
  });

  it('without a filter it is the whole trail', async () => {
    expect(await planTrail(db.sql, { filter: {}, first: 1 })).toMatchObject({ matched: entries.length, hasNext: true });
  });

  it('events of one time come in the order in which they were appended, and a page may end between them', async () => {
    await db.sql`update access_trail set time = '2030-01-01T00:00:00.000Z' where purpose = 'TREAT'`;
    const one = await planTrail(db.sql, { filter: { purpose: 'TREAT' }, first: 1000 });
    const ordinals = one.items.map(({ sortKey }) => BigInt(sortKey[1]));
    expect(ordinals).toEqual([...ordinals].sort((a, b) => (a < b ? 1 : -1)));
    const seen: PlannedTrailEntry[] = [];
    for (let page = await planTrail(db.sql, { filter: { purpose: 'TREAT' }, first: 7 }); ; ) {
      seen.push(...page.items);
      const last = page.items.at(-1);
      if (!page.hasNext || last === undefined) break;
      page = await planTrail(db.sql, { filter: { purpose: 'TREAT' }, first: 7, after: last.sortKey });
    }
    expect(seen).toEqual(one.items);
  });
});

describe('opening a trail', () => {
  it('gives exactly the events asked for, with who and what for, and the sealed details', async () => {
    const wanted = entries.filter(({ event }) => event.type === 'access.denied@1').slice(0, 5);
    const rows = await openTrail(
      db.sql,
      wanted.map(({ event }) => event.id),
    );
    expect(rows.map(({ eventId }) => eventId).sort()).toEqual(wanted.map(({ event }) => event.id).sort());
    for (const row of rows) {
      const entry = wanted.find(({ event }) => event.id === row.eventId);
      expect(row).toMatchObject({
        kind: 'denied',
        stream: entry?.event.stream,
        revision: entry?.event.revision,
        actorKind: 'practitioner',
        actorId: entry?.by.id,
        purpose: 'TREAT',
        trace: entry?.trace,
        institutionRevision: null,
      });
      expect(await openPlain([row.retained])).toMatchObject([{ by: entry?.by, rule: 'no-consent' }]);
    }
    expect(await openTrail(db.sql, [])).toEqual([]);
  });
});
