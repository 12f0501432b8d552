import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { eventIdOf, idOf, labelOf, markOf } from '../../test/support/plain-events.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Sql } from '../postgres/pools.ts';
import { READ_MODELS } from '../projector/read-models.ts';
import { gatedReads } from './gated/gated-reads.ts';
import { openReads } from './open/open-reads.ts';

/** Rows a table: enough that reading all of them is never the cheapest way to a few. */
const ROWS = 10_000;
const TABLES = READ_MODELS.map(({ table }) => table);

interface Sent {
  readonly text: string;
  readonly parameters: unknown[];
}

let db: FreshDatabase;
let sent: Sent[];
let watched: Sql;

beforeAll(async () => {
  db = await freshDatabase();
  sent = [];
  const options = {
    ...db.sql.options,
    max: 1,
    debug: (_: number, text: string, parameters: unknown[]) => sent.push({ text, parameters }),
  };
  watched = postgres(options as never) as unknown as Sql;
  const stuff = `
    create temporary table n as select g, g % 400 as who, lpad(g::text, 10, '0') as id,
      '2026-' || lpad((1 + g % 12)::text, 2, '0') || '-' || lpad((1 + g % 28)::text, 2, '0') as day,
      '2026-11-22T00:00:00.' || lpad((g % 1000)::text, 3, '0') || 'Z' as time, gen_random_uuid() as uuid,
      decode(repeat('ab', 400), 'hex') as bytes from generate_series(1, ${ROWS}) as g;
    insert into residents select id, who::text, 'living', time, null, 0, uuid, 't', bytes, 'k', bytes from n;
    insert into resident_documents select uuid, who::text, g, 't', time, bytes, 'k', bytes from n;
    insert into codes select id, who::text, 'active', time, time, 0, uuid, 't', bytes, 'k', bytes from n;
    insert into ehr_index select id, who::text, 'imaging', 'c', 1, null, null, day, day, array['m'], 's', 'v', time, time, g, uuid, 't', bytes, 'k', bytes from n;
    insert into emr_index select 'm' || id, who::text, 'imaging', 'c', 1, null, null, day, day, array['m'], 's', 'v', time, time, g, uuid, 't', bytes, 'k', bytes from n;
    insert into consents select id, who::text, 'granted', 'institution', who::text, null, '{}', '{}', day, day, time, time, time, null, null,
      null, time, null, null, 0, uuid, 't', bytes, 'k', bytes, null, null, null, null, null from n;
    insert into access_trail select uuid, g, 's', 0, 't', time, 'denied', who::text, 'practitioner', who::text, who::text, null,
      case when g % 500 = 0 then 'BTG' else 'TREAT' end, g::text, 0, 0, bytes, 'k', bytes from n;
    insert into institutions select id, who::text, 'active', time, time, null, 0, uuid, 't', bytes, 'k', bytes, null, null, null, null, null from n;
    insert into practitioners select id, array[who::text], 'active', time, time, null, 0, uuid, 't', bytes, 'k', bytes, null, null, null, null, null from n;
    insert into institution_versions select id || '#' || g, who::text, g, time, uuid, 't', bytes, 'k', bytes from n;
    insert into practitioner_versions select id || '#' || g, who::text, g, time, uuid, 't', bytes, 'k', bytes from n;
    ${TABLES.map((table) => `analyze ${table};`).join('\n')}`;
  await db.ownerSql.unsafe(stuff);
});
afterAll(async () => {
  await watched.end({ timeout: 1 });
  await db.drop();
});

type Node = { readonly 'Node Type': string; readonly 'Relation Name'?: string; readonly Plans?: readonly Node[] };

/** How the server goes about a statement: `node relation`, for each relation that it touches. */
async function scansOf({ text, parameters }: Sent): Promise<string[]> {
  const [row] = await db.sql.unsafe(`explain (format json) ${text}`, parameters as never[]);
  const plans = row?.['QUERY PLAN'] as { readonly Plan: Node }[];
  const scans: string[] = [];
  const walk = (node: Node): void => {
    if (node['Relation Name'] !== undefined) scans.push(`${node['Node Type']} ${node['Relation Name']}`);
    node.Plans?.forEach(walk);
  };
  for (const { Plan } of plans) walk(Plan);
  return scans;
}

const label = '7' as never;
const at = '2026-11-22T00:00:00.500Z' as Instant;
const after = ['2026-06-01', 'm'] as const;
const scopes = [
  { categories: ['imaging' as const], forbiddenMarks: [markOf('mark', 0)] },
  {
    categories: ['outpatient' as const],
    period: { from: '2026-01-01' as never, to: '2026-12-31' as never },
    forbiddenMarks: [],
  },
];

type Reads = ReturnType<typeof gatedReads> & ReturnType<typeof openReads>;
const READS: readonly (readonly [string, (reads: Reads) => Promise<unknown>])[] = [
  ['records of a resident', (r) => r.planRecords({ label, scopes, first: 20 })],
  ['records of one index', (r) => r.planRecords({ label, index: 'EHR', scopes, first: 20, categories: ['imaging'] })],
  ['records behind a cursor', (r) => r.planRecords({ label, index: 'EMR', scopes, first: 20, after })],
  ['one record', (r) => r.planRecords({ label, scopes, first: 1, recordId: '0000000007' as never })],
  ['rows to open', (r) => r.openRecords([{ recordId: '0000000007' as never, revision: 7n }])],
  ['a resident', (r) => r.resident(label)],
  ['documents', (r) => r.residentDocuments(label)],
  ['codes', (r) => r.codesOf(label)],
  ['states of codes', (r) => r.codeStatesOf(label)],
  ['trail of a resident', (r) => r.planTrail({ filter: { label }, first: 20 })],
  ['trail behind a cursor', (r) => r.planTrail({ filter: { label }, first: 20, after: [at, '4000'] })],
  ['trail of a person', (r) => r.planTrail({ filter: { actor: '7' }, first: 20 })],
  ['trail of an organisation', (r) => r.planTrail({ filter: { organisation: '7' as never }, first: 20 })],
  ['trail of a purpose', (r) => r.planTrail({ filter: { purpose: 'BTG' }, first: 20 })],
  ['trail of a request', (r) => r.planTrail({ filter: { trace: '77' }, first: 20 })],
  [
    'trail of a period',
    (r) => r.planTrail({ filter: { from: at, until: '2026-11-22T00:00:00.510Z' as Instant }, first: 20 }),
  ],
  ['entries to open', (r) => r.openTrail([eventIdOf('any', 1), eventIdOf('any', 2)])],
  ['consents of a resident', (r) => r.consentsOf(label, { at, first: 20, standings: ['live'] })],
  ['consents behind a cursor', (r) => r.consentsOf(label, { at, first: 20, after: [at, 'x'] })],
  ['consents to an organisation', (r) => r.consentsTo('7' as never, { at, first: 20 })],
  ['an institution', (r) => r.institution(idOf('institution', 0))],
  ['institutions', (r) => r.institutions({ first: 20 })],
  ['institutions of a region', (r) => r.institutions({ first: 20, region: '7', after: '0000000010' as never })],
  ['a practitioner', (r) => r.practitioner(idOf('practitioner', 0))],
  ['practitioners', (r) => r.practitioners({ first: 20, after: '0000000010' as never })],
  ['practitioners of an organisation', (r) => r.practitioners({ first: 20, organisation: '7' as never })],
  [
    'names of institutions',
    (r) =>
      r.institutionNamesAt([
        { id: '7' as never, revision: 900n },
        { id: '8' as never, revision: null },
      ]),
  ],
  ['names of practitioners', (r) => r.practitionerNamesAt([{ id: '7' as never, revision: 900n }])],
];

describe(`with ${ROWS} rows a table`, () => {
  it.each(READS)('%s: every table is reached by an index', async (_name, read) => {
    sent.length = 0;
    await read({ ...gatedReads(watched), ...openReads(watched) });
    const statements = sent.filter(({ text }) => TABLES.some((table) => text.includes(table)));
    expect(statements).toHaveLength(1);
    const scans = await scansOf(statements[0] as Sent);
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([]);
  });

  it('each read was looked at', () => {
    const names = Object.keys({ ...gatedReads(db.sql), ...openReads(db.sql) });
    const looked = READS.map(([, read]) => /=>\s*r\.(\w+)/.exec(String(read))?.[1]);
    expect(names.filter((name) => !looked.includes(name))).toEqual([]);
  });

  it('nobody’s label is anybody’s row', async () => {
    expect(await gatedReads(db.sql).planRecords({ label: labelOf(9), scopes, first: 20 })).toMatchObject({
      matched: 0,
    });
  });
});
