import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEvent } from '../../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { day, eventIdOf, idOf, labelOf, markOf, type PlainEvent } from '../../../test/support/plain-events.ts';
import { fillReadTables } from '../../../test/support/read-tables.ts';
import type { RecordIndex } from '../../domain/terms.ts';
import type { Id16, Mark } from '../../kernel/id.ts';
import { residentStream } from '../../kernel/id.ts';
import { openRecords, type PlannedRecord, planRecords, type RecordPlanRequest, type RecordScope } from './records.ts';

const CATEGORIES = ['outpatient', 'imaging', 'prescription'] as const;
const COUNT = 120;
const dayOf = (n: number) =>
  day(`2026-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}`);

/** Resident 0 has the records from 0 on, resident 1 the last twenty. Even ones are EHR, odd ones EMR; the custodian is n mod 3. */
const facts = Array.from({ length: COUNT }, (_, n) => {
  const [a, b] = [dayOf(n * 7), dayOf(n * 11 + 3)];
  return {
    n,
    recordId: idOf('record', n),
    label: labelOf(n < 100 ? 0 : 1),
    index: (n % 2 === 0 ? 'EHR' : 'EMR') as RecordIndex,
    category: CATEGORIES[(n * 5) % 3] as (typeof CATEGORIES)[number],
    custodian: idOf('institution', n % 3),
    from: a < b ? a : b,
    to: a < b ? b : a,
    marks: [0, 1, 2, 3].filter((mark) => ((n >> mark) & 1) === 1 || mark === 0).map((mark) => markOf('mark', mark)),
    revision: BigInt(n < 100 ? n : n - 100),
  };
});

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await fillReadTables(
    db.sql,
    facts.map(
      ({ n, label, category, from, to, marks }): PlainEvent => ({
        stream: residentStream(label),
        event: recordEvent('record.registered@1', n, { category, from, to, marks }),
      }),
    ),
  );
});
afterAll(() => db.drop());

const everything: RecordScope = { categories: CATEGORIES, forbiddenMarks: [] };
const plan = (over: Partial<RecordPlanRequest>) =>
  planRecords(db.sql, { label: labelOf(0), scopes: [everything], first: 200, ...over });

/** What the plan must be, said plainly. */
function expected({ label, index, categories, period, recordId, scopes }: RecordPlanRequest) {
  return facts
    .filter((fact) => fact.label === label)
    .filter((fact) => index === undefined || fact.index === index)
    .filter((fact) => categories === undefined || categories.includes(fact.category))
    .filter((fact) => period === undefined || (period.from <= fact.from && fact.to <= period.to))
    .filter((fact) => recordId === undefined || fact.recordId === recordId)
    .filter((fact) =>
      scopes.some(
        (scope) =>
          scope.categories.includes(fact.category) &&
          (scope.period === undefined || (scope.period.from <= fact.from && fact.to <= scope.period.to)) &&
          (scope.custodian === undefined || scope.custodian === fact.custodian) &&
          !fact.marks.some((mark) => scope.forbiddenMarks.includes(mark)),
      ),
    )
    .sort((a, b) => (a.to === b.to ? (a.recordId < b.recordId ? 1 : -1) : a.to < b.to ? 1 : -1))
    .map(({ recordId: id, revision, category, index: ofIndex }) => ({
      recordId: id,
      revision,
      category,
      index: ofIndex,
    }));
}

const withoutKeys = (items: readonly PlannedRecord[]) => items.map(({ sortKey: _, ...item }) => item);

const period = fc.tuple(fc.nat(400), fc.nat(400)).map(([a, b]) => {
  const [from, to] = [dayOf(a), dayOf(b)].sort();
  return { from: from ?? dayOf(a), to: to ?? dayOf(b) };
});
const categories = fc.subarray([...CATEGORIES], { minLength: 1 });
const scope: fc.Arbitrary<RecordScope> = fc.record(
  {
    categories,
    period,
    custodian: fc.nat(2).map((n): Id16 => idOf('institution', n)),
    forbiddenMarks: fc.subarray([1, 2, 3, 9]).map((marks): Mark[] => marks.map((n) => markOf('mark', n))),
  },
  { requiredKeys: ['categories', 'forbiddenMarks'] },
);
const request: fc.Arbitrary<RecordPlanRequest> = fc.record(
  {
    label: fc.nat(2).map(labelOf),
    scopes: fc.array(scope, { maxLength: 4 }),
    first: fc.integer({ min: 1, max: 30 }),
    index: fc.constantFrom<RecordIndex>('EHR', 'EMR'),
    categories,
    period,
    recordId: fc.nat(COUNT).map((n) => idOf('record', n)),
  },
  { requiredKeys: ['label', 'scopes', 'first'] },
);

describe('the plan of records', () => {
  it('names exactly what the selection names and a scope covers, page by page in one order, and counts it', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const wanted = expected(asked);
        const seen: PlannedRecord[] = [];
        let page = await planRecords(db.sql, asked);
        for (;;) {
          expect(page.matched).toBe(wanted.length);
          expect(page.items.length).toBeLessThanOrEqual(asked.first);
          seen.push(...page.items);
          expect(page.hasNext).toBe(seen.length < wanted.length);
          const last = page.items.at(-1);
          if (!page.hasNext || last === undefined) break;
          page = await planRecords(db.sql, { ...asked, after: last.sortKey });
        }
        expect(withoutKeys(seen)).toEqual(wanted);
      }),
      { numRuns: 150 },
    );
  });

  it('without a scope there is nothing, and nothing is counted', async () => {
    expect(await plan({ scopes: [] })).toEqual({ items: [], hasNext: false, matched: 0 });
  });

  it('a scope that covers by category does not lend its width to one that covers by period', async () => {
    const narrow = { from: day('2026-01-01'), to: day('2026-01-31') };
    const scopes: RecordScope[] = [
      { categories: ['imaging'], forbiddenMarks: [] },
      { categories: CATEGORIES, period: narrow, forbiddenMarks: [] },
    ];
    for (const { category, recordId } of (await plan({ scopes })).items) {
      const fact = facts.find((one) => one.recordId === recordId);
      expect(category === 'imaging' || (fact !== undefined && fact.to <= narrow.to)).toBe(true);
    }
  });

  it('a record that reaches out of the period by a day is left out', async () => {
    const [fact] = facts.filter(({ from, to, label }) => from < to && label === labelOf(0));
    if (fact === undefined) throw new Error('no record spans days');
    const { recordId, from, to } = fact;
    const seen = async (period: { from: typeof from; to: typeof to }) =>
      (await plan({ recordId, scopes: [{ ...everything, period }] })).items.length;
    expect(await seen({ from, to })).toBe(1);
    expect(await seen({ from, to: day(`${to.slice(0, 8)}00`) })).toBe(0);
  });

  it('gives ids, revisions, categories and sort keys, and nothing else', async () => {
    const { items } = await plan({ first: 3 });
    for (const item of items) {
      expect(Object.keys(item).sort()).toEqual(['category', 'index', 'recordId', 'revision', 'sortKey']);
    }
  });

  it('a cursor of one resident shows nothing of another', async () => {
    const last = (await plan({ first: 1 })).items.at(-1);
    const page = await plan({ label: labelOf(1), ...(last && { after: last.sortKey }) });
    expect(
      page.items.every(({ recordId }) => facts.find((fact) => fact.recordId === recordId)?.label === labelOf(1)),
    ).toBe(true);
  });
});

describe('opening records', () => {
  it('gives exactly the pairs asked for, of both indexes, with their sealed parts', async () => {
    const pairs = [facts[3], facts[4], facts[110]].flatMap((fact) => (fact === undefined ? [] : [fact]));
    const rows = await openRecords(db.sql, pairs);
    expect(rows.map(({ recordId }) => recordId).sort()).toEqual(pairs.map(({ recordId }) => recordId).sort());
    for (const row of rows) {
      const fact = facts.find(({ recordId }) => recordId === row.recordId);
      expect(row).toMatchObject({
        label: fact?.label,
        index: fact?.index,
        revision: fact?.revision,
        custodian: fact?.custodian,
        period: { from: fact?.from, to: fact?.to },
        personal: {
          stream: `resident/${fact?.label}`,
          id: eventIdOf('law', fact?.n ?? -1),
          type: 'record.registered@1',
        },
      });
      expect(row.personal?.commitment).toBeInstanceOf(Uint8Array);
    }
  });

  it('leaves out a pair whose row stands at another revision, and never gives the row instead', async () => {
    const { recordId, revision } = facts[5] ?? { recordId: idOf('record', 5), revision: 5n };
    expect(await openRecords(db.sql, [{ recordId, revision: revision + 1n }])).toEqual([]);
    expect(await openRecords(db.sql, [{ recordId, revision: revision - 1n }])).toEqual([]);
    expect(await openRecords(db.sql, [{ recordId: idOf('record', 5000), revision }])).toEqual([]);
    expect(await openRecords(db.sql, [])).toEqual([]);
  });

  it('an erased personal part is no part', async () => {
    const { recordId, revision } = facts[6] ?? { recordId: idOf('record', 6), revision: 6n };
    await db.sql`update ehr_index set personal = null, personal_key = null, personal_commitment = null where record_id = ${recordId}`;
    expect(await openRecords(db.sql, [{ recordId, revision }])).toMatchObject([{ recordId, personal: undefined }]);
  });

  it('what it gives for opening is what the event was sealed with', async () => {
    const { recordId, revision } = facts[8] ?? { recordId: idOf('record', 8), revision: 8n };
    const [row] = await openRecords(db.sql, [{ recordId, revision }]);
    expect(JSON.parse(new TextDecoder().decode(row?.personal?.part.bytes))).toMatchObject({ title: 'title 8' });
  });
});
