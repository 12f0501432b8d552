import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/postgres/pools.ts';
import { itIsAsDeclared } from '../../test/support/declared-tables.ts';
import { type LedgerDatabase, ledgerDatabase } from '../../test/support/postgres-ledger.ts';
import { decidedAt, sealedEvents } from '../../test/support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../../test/support/seeded.ts';
import { events, ledgerHead, streamHeads } from './ledger.ts';

let database: LedgerDatabase;
beforeAll(async () => {
  database = await ledgerDatabase();
  const make = sealedEvents(seededEntropy('schema'));
  const ledger = await database.open();
  await ledger.append(make.stream(), make.events(2), decidedAt(SEEDED_START));
});
afterAll(() => database.drop());

const TABLES: readonly PgTable[] = [events, streamHeads, ledgerHead];
const NAMES = TABLES.map((table) => getTableConfig(table).name);

/** The code with which a statement is refused, or "done". Whatever it did is rolled back. */
async function attempt(sql: Sql, statement: string): Promise<string> {
  const undo = new Error('undo');
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(statement);
      throw undo;
    });
  } catch (error) {
    return error === undo ? 'done' : (error as { code: string }).code;
  }
  return 'kept';
}

const REFUSED = '42501';

describe('the tables of the ledger', () => {
  itIsAsDeclared(TABLES, () => database);

  it.each(NAMES)('%s gives no row up, to the application or to its owner, in whatever session', async (name) => {
    for (const sql of [database.sql, database.ownerSql]) {
      expect(await attempt(sql, `delete from ${name}`)).toBe(REFUSED);
      expect(await attempt(sql, `truncate ${name} cascade`)).toBe(REFUSED);
      expect(await attempt(sql, `alter table ${name} disable trigger all`)).toBe(
        sql === database.sql ? REFUSED : 'done',
      );
    }
    const always = await database.ownerSql<{ enabled: string }[]>`
      select tgenabled as enabled from pg_trigger where tgrelid = ${name}::regclass and not tgisinternal`;
    expect(always.length).toBeGreaterThan(1);
    expect(new Set(always.map(({ enabled }) => enabled))).toEqual(new Set(['A']));
  });

  it('events are never changed, not even to what they are', async () => {
    for (const sql of [database.sql, database.ownerSql]) {
      for (const { name } of getTableConfig(events).columns) {
        expect(await attempt(sql, `update events set ${name} = ${name}`)).toBe(REFUSED);
      }
    }
  });

  it('the head of the ledger goes forward only, and keeps its name', async () => {
    const updates = [
      'position = position - 1',
      "time = '2000-01-01T00:00:00.000Z'",
      "origin = 'other.example'",
      'origin = null, suite = null',
    ];
    for (const sql of [database.sql, database.ownerSql]) {
      for (const update of updates) expect(await attempt(sql, `update ledger_head set ${update}`)).toBe(REFUSED);
    }
    expect(await attempt(database.sql, `update ledger_head set position = position + 1`)).toBe('done');
    expect(
      await attempt(database.ownerSql, `insert into ledger_head (single, position, time) values (false, 0, '')`),
    ).toBe('23514');
    expect(await attempt(database.ownerSql, `insert into ledger_head (position, time) values (0, '')`)).toBe('23505');
  });

  it('the application may do what the engine does, and nothing else', async () => {
    const granted = await database.ownerSql<{ table: string; right: string }[]>`
      select table_name as table, privilege_type as right from information_schema.role_table_grants
      where grantee = 'hrl_app' and table_name in ('events', 'stream_heads', 'ledger_head') order by 1, 2`;
    expect(granted.map(({ table, right }) => `${table} ${right}`)).toEqual([
      'events INSERT',
      'events SELECT',
      'ledger_head SELECT',
      'ledger_head UPDATE',
      'stream_heads INSERT',
      'stream_heads SELECT',
      'stream_heads UPDATE',
    ]);
  });
});
