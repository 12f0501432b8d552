import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLedger } from '../../src/audit/check-ledger.ts';
import type { Finding, FindingKind } from '../../src/audit/finding.ts';
import type { Node } from '../../src/main.ts';
import { lightDeps, type Story, type Tampered, tamper, tellStory } from '../support/tampering.ts';

/** Somebody changes a stored event and mends nothing. */

let story: Story;
let copy: Tampered;
let auditor: Node;
beforeAll(async () => {
  story = await tellStory();
  copy = await tamper(story);
  auditor = await copy.node();
  // The rows of a tampered table need not be what these would allow.
  await copy.sql.unsafe(`alter table events drop constraint events_pkey cascade, drop constraint events_id_key,
    drop constraint events_stream_revision_key, drop constraint events_position_check, drop constraint events_revision_check`);
});
afterAll(async () => {
  await auditor.close();
  await copy.close();
  await story.close();
});

const COLUMNS: readonly (readonly [column: string, kinds: readonly FindingKind[]])[] = [
  // Where it comes to stand at another's place, the chains say so.
  ['position', ['position-gap', 'position-order', 'revision-gap', 'batch-partial']],
  ['stream', ['header-mismatch']],
  ['revision', ['header-mismatch']],
  ['id', ['header-mismatch']],
  ['type', ['header-mismatch']],
  ['time', ['header-mismatch']],
  ['header', ['header-malformed', 'header-mismatch', 'header-commitment']],
  ['header_opening', ['header-commitment']],
  ['leaf', ['leaf-malformed', 'foreign-leaf', 'leaf-hash']],
  ['leaf_hash', ['leaf-hash']],
  ['head', ['chain-broken']],
  ['retained_key', ['retained-unreadable']],
  ['retained', ['retained-unreadable']],
  ['personal_key', ['personal-unreadable']],
  ['personal', ['personal-unreadable']],
];
const BYTEA = ['header', 'header_opening', 'leaf', 'leaf_hash', 'head', 'retained', 'personal'];

/** One bit of one byte of a column, as SQL; doing it twice undoes it. `at` and `bit` are taken modulo what there is. */
function flip(column: string, at: number, bit: number): string {
  if (BYTEA.includes(column))
    return `set_byte(${column}, ${at} % octet_length(${column}), get_byte(${column}, ${at} % octet_length(${column})) # ${1 << (bit % 8)})`;
  if (column === 'position' || column === 'revision') return `${column} # (1::bigint << ${bit % 62})`;
  if (column === 'id') {
    const text = "replace(id::text, '-', '')";
    return `encode(set_byte(decode(${text}, 'hex'), ${at % 16}, get_byte(decode(${text}, 'hex'), ${at % 16}) # ${1 << (bit % 8)}), 'hex')::uuid`;
  }
  // A flip of the lowest bits keeps ASCII letters ASCII, which is all that a text column takes.
  const where = `${at} % length(${column}) + 1`;
  return `overlay(${column} placing chr(ascii(substr(${column}, ${where}, 1)) # ${1 << (bit % 4)}) from ${where} for 1)`;
}

async function flipped<T>(nth: number, column: string, at: number, bit: number, look: () => Promise<T>): Promise<T> {
  const { id } = story.events[nth] as (typeof story.events)[number];
  const [row] = await copy.sql<{ ctid: string }[]>`select ctid::text as ctid from events where id = ${id}`;
  const turn = (where: string) =>
    copy.sql.unsafe<{ ctid: string }[]>(
      `update events set ${column} = ${flip(column, at, bit)} where ctid = '${where}' returning ctid::text as ctid`,
    );
  const [changed] = await turn(row?.ctid ?? '');
  try {
    return await look();
  } finally {
    await turn(changed?.ctid ?? '');
  }
}

const look = async (): Promise<Finding | undefined> => (await checkLedger(lightDeps(auditor))).finding;

describe('a flipped bit', () => {
  it.each(COLUMNS)('in %s of an event is found there, and named', async (column, kinds) => {
    const nth = story.events.length >> 1;
    const finding = await flipped(nth, column, 7, 0, look);
    expect(kinds).toContain(finding?.kind);
    if (column !== 'position') expect(finding?.position).toBe(`${nth}`);
  });

  it('in any stored column of any event is found, at that event', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(story.events.length - 1),
        fc.constantFrom(...COLUMNS),
        fc.nat(2 ** 20),
        fc.nat(61),
        async (nth, [column, kinds], at, bit) => {
          const finding = await flipped(nth, column, at, bit, look);
          expect(kinds).toContain(finding?.kind);
          if (column !== 'position') expect(finding?.position).toBe(`${nth}`);
        },
      ),
      { numRuns: 120 },
    );
    expect(await look()).toBeUndefined();
  });
});

describe('a row that is no event any more', () => {
  it.each(COLUMNS.map(([column]) => column))(
    'because %s is null is named, and does not stop the check',
    async (column) => {
      const [first] = story.events;
      await copy.sql.unsafe(`alter table events alter column ${column} drop not null`);
      const [row] = await copy.sql.unsafe(`select * from events where id = '${first?.id}'`);
      await copy.sql.unsafe(`update events set ${column} = null where id = '${first?.id}' `);
      const finding = await look();
      const kept = (row as Record<string, unknown>)[column];
      await copy.sql`update events set ${copy.sql({ [column]: kept as string })} where ${copy.sql(column)} is null`;
      // Without a position the row comes last, and what is missed is its place.
      if (column === 'position') expect(finding).toMatchObject({ kind: 'position-gap', position: '0' });
      else
        expect(finding).toMatchObject({
          kind: 'row-malformed',
          position: '0',
          detail: `${column} is not what it must be`,
        });
      expect(await look()).toBeUndefined();
    },
  );

  it.each([
    ['a column is gone', 'alter table events drop column leaf', 'store-unreadable'],
    [
      'a column is of another type',
      'alter table events alter column time type timestamptz using time::timestamptz',
      'row-malformed',
    ],
    ['the table is gone', 'drop table events', 'store-unreadable'],
    [
      'another table has its name',
      'alter table events rename to old; create table events (id uuid)',
      'store-unreadable',
    ],
  ] as const)('because %s is told as such', async (_, change, kind) => {
    const other = await tamper(story);
    try {
      await other.sql.unsafe(change).simple();
      const { verdict, finding } = await other.verdict();
      expect(verdict).toBe('broken');
      expect(finding?.kind).toBe(kind);
    } finally {
      await other.close();
    }
  });

  it('because its bytes are none of a leaf, a header or a seal is named', async () => {
    const { id } = story.events[3] as (typeof story.events)[number];
    const nonsense = ['', '\\x00', `\\x${'ff'.repeat(2000)}`];
    for (const column of BYTEA) {
      for (const bytes of nonsense) {
        const [row] = await copy.sql.unsafe(`select ${column} as kept from events where id = '${id}'`);
        await copy.sql.unsafe(`update events set ${column} = '${bytes}' where id = '${id}'`);
        expect(await look(), `${column} ${bytes.length}`).toMatchObject({ position: '3' });
        await copy.sql`update events set ${copy.sql({ [column]: row?.kept })} where id = ${id}`;
      }
    }
    expect(await look()).toBeUndefined();
  });
});
