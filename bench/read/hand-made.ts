import type { Caller } from '../../src/app/actor.ts';
import type { OpenedRecord, Platform, RecordPage } from '../../src/app/api.ts';
import { inParallel } from '../../src/app/import/in-parallel.ts';
import { namesOf } from '../../src/app/names.ts';
import { done, type Outcome, refusal } from '../../src/app/outcome.ts';
import type { recordRegistered } from '../../src/domain/record/events.ts';
import { CATEGORIES } from '../../src/domain/terms.ts';
import type { PersonalOf } from '../../src/kernel/event.ts';
import type { Node } from '../../src/main.ts';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import type { Reading } from './population.ts';

/**
 * What a platform made by hand would have: the same rows with everything in clear, the same indexes, and, in one of the two, a table of
 * accesses into which a row is inserted and committed before the rows are selected. No consent is looked at, nothing is sealed or chained.
 */
const TABLES = `
  create schema hand_made;
  create table hand_made.codes (code text collate "C" primary key, label text collate "C" not null);
  create table hand_made.parties (id text collate "C" primary key, name text not null);
  create table hand_made.records (
    id text collate "C" primary key, label text collate "C" not null, index text not null, category text not null,
    custodian text collate "C" not null, author text collate "C", period_from text collate "C" not null,
    period_to text collate "C" not null, type text not null, code json, title text not null, at text not null,
    sensitivities json not null, confidentiality text not null, content_type text not null, content_size integer not null
  );
  create index on hand_made.records (label, period_to desc, id desc);
  create table hand_made.audit (
    id bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
    actor text collate "C" not null, organisation text collate "C", label text collate "C" not null, purpose text not null,
    selection text not null, trace text
  );
  create index on hand_made.audit (label, at);
  create index on hand_made.audit (actor, at);
  create index on hand_made.audit (organisation, at);
  grant usage on schema hand_made to hrl_app;
  grant select, insert on all tables in schema hand_made to hrl_app;`;

/** Makes and fills the tables from what the ledger's own read tables hold. */
export async function handMadeTables(node: Node, readings: readonly Reading[]): Promise<void> {
  const { app, ownerUrl } = node;
  if (ownerUrl === undefined) throw new Error('the tables of the comparison need the owner of the database');
  const owner = openSql(ownerUrl, { max: 8, applicationName: 'bench tables' });
  try {
    await owner.unsafe(TABLES);
    const parties = new Map<string, string>();
    await inParallel(readings, 8, async ({ code, label }) => {
      const { items } = await app.gated.planRecords({ label, first: 100, scopes: [EVERYTHING] });
      const rows = await app.gated.openRecords(items);
      const personal = await app.openPersonal(rows.flatMap((row) => row.personal ?? []));
      const names = await namesOf(app, {
        institutions: rows.map((row) => ({ id: row.custodian, revision: row.custodianRevision })),
        practitioners: rows.flatMap((row) =>
          row.author === null ? [] : [{ id: row.author, revision: row.authorRevision }],
        ),
      });
      await owner`insert into hand_made.codes values (${code}, ${label})`;
      for (const [i, row] of rows.entries()) {
        const said = personal[i] as unknown as PersonalOf<typeof recordRegistered>;
        const custodian = names.institution(row.custodian, row.custodianRevision);
        parties.set(custodian.id, custodian.name ?? '');
        if (row.author !== null) {
          const author = names.practitioner(row.author, row.authorRevision);
          parties.set(author.id, author.name ?? '');
        }
        await owner`
          insert into hand_made.records values (
            ${row.recordId}, ${label}, ${row.index}, ${row.category}, ${row.custodian}, ${row.author}, ${row.period.from},
            ${row.period.to}, ${said.type}, ${said.code === undefined ? null : JSON.stringify(said.code)}::text::json, ${said.title}, ${said.at},
            ${JSON.stringify(said.sensitivities)}::text::json, ${said.confidentiality}, ${said.content.mediaType}, ${said.content.size})`;
      }
    });
    for (const [id, name] of parties) await owner`insert into hand_made.parties values (${id}, ${name})`;
    await owner.unsafe('vacuum analyze hand_made.records, hand_made.codes, hand_made.parties');
  } finally {
    await owner.end({ timeout: 5 });
  }
}

const EVERYTHING = { categories: CATEGORIES, forbiddenMarks: [] };

interface Row {
  readonly id: string;
  readonly index: OpenedRecord['index'];
  readonly category: OpenedRecord['category'];
  readonly custodian: string;
  readonly custodianName: string | null;
  readonly author: string | null;
  readonly authorName: string | null;
  readonly periodFrom: OpenedRecord['period']['from'];
  readonly periodTo: OpenedRecord['period']['to'];
  readonly type: string;
  readonly code: OpenedRecord['code'];
  readonly title: string;
  readonly at: OpenedRecord['at'];
  readonly sensitivities: readonly string[];
  readonly confidentiality: string;
  readonly contentType: string;
  readonly contentSize: number;
  readonly total: number;
}

/** `records` of the API over those tables, and everything else as the node has it. */
export function handMadePlatform(node: Node, sql: Sql, audited: boolean): Platform {
  return {
    ...node.platform,
    openRecords: async (caller, input): Promise<Outcome<RecordPage>> => {
      const event = audited ? await audit(sql, caller, input) : '0';
      const first = input.first ?? 20;
      const rows = await sql<Row[]>`
        select r.id, r.index, r.category, r.custodian, c.name as "custodianName", r.author, a.name as "authorName",
          r.period_from as "periodFrom", r.period_to as "periodTo", r.type, r.code, r.title, r.at, r.sensitivities,
          r.confidentiality, r.content_type as "contentType", r.content_size as "contentSize",
          count(*) over ()::integer as total
        from hand_made.codes
        join hand_made.records r using (label)
        left join hand_made.parties c on c.id = r.custodian
        left join hand_made.parties a on a.id = r.author
        where codes.code = ${input.code}
        order by r.period_to desc, r.id desc limit ${first + 1}`;
      if (rows.length === 0) return refusal('not-available');
      const records = rows.slice(0, first).map((row) => {
        const { custodianName, author, authorName, periodFrom, periodTo, total: _total, ...rest } = row;
        return {
          ...rest,
          custodian: { id: row.custodian, name: custodianName },
          author: author === null ? null : { id: author, name: authorName },
          period: { from: periodFrom, to: periodTo },
          cursor: Buffer.from(`${periodTo} ${row.id}`).toString('base64url'),
        };
      });
      const hasNextPage = rows.length > first;
      return done({
        event,
        records,
        total: rows[0]?.total ?? 0,
        hasNextPage,
        endCursor: records.at(-1)?.cursor ?? null,
      });
    },
  };
}

/** A transaction of its own: it is committed, and synced, when this resolves. */
async function audit(sql: Sql, { actor, trace }: Caller, input: { readonly code: string; readonly purpose: string }) {
  if (actor.role !== 'practitioner') throw new Error('the comparison is for practitioners');
  const [row] = await sql<{ id: string }[]>`
    insert into hand_made.audit (actor, organisation, label, purpose, selection, trace)
    select ${actor.id}, ${actor.institution}, label, ${input.purpose}, ${JSON.stringify(input)}, ${trace ?? null}
    from hand_made.codes where code = ${input.code} returning id::text`;
  if (row === undefined) throw new Error('no such code');
  return row.id;
}
