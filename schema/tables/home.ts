import { sql } from 'drizzle-orm';
import { bigint, boolean, check, customType, integer, pgTable, timestamp } from 'drizzle-orm/pg-core';
import type { Bytes } from '../../src/kernel/bytes.ts';

/** The TypeScript twin of migrations/0006_home.sql (home.test.ts compares them). Only the owner changes these tables, once there is a ledger. */

const bytea = customType<{ data: Bytes; driverData: Uint8Array }>({ dataType: () => 'bytea' });
const ctext = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

export const ledgerHome = pgTable(
  'ledger_home',
  {
    single: boolean('single').primaryKey().default(true),
    engine: ctext('engine').notNull(),
    /** Null: it lives where `engine` says, and may be appended to. */
    movingTo: ctext('moving_to'),
    since: instant('since'),
  },
  (table) => [
    check('ledger_home_single_check', sql`${table.single}`),
    check('ledger_home_engine_check', sql`${table.engine} in ('postgres', 'eventstore')`),
    check('ledger_home_check', sql`${table.movingTo} <> ${table.engine}`),
    check('ledger_home_check1', sql`(${table.movingTo} is null) = (${table.since} is null)`),
  ],
);

export const ledgerMoves = pgTable(
  'ledger_moves',
  {
    number: integer('number').primaryKey(),
    fromEngine: ctext('from_engine').notNull(),
    toEngine: ctext('to_engine').notNull(),
    size: bigint('size', { mode: 'bigint' }).notNull(),
    /** RFC 6962, over the leaf hashes of these events. */
    root: bytea('root').notNull(),
    /** Where the last of them stands, as each engine prints it; null when there was none. */
    fromEnd: ctext('from_end'),
    toEnd: ctext('to_end'),
    moved: instant('moved').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [
    check('ledger_moves_number_check', sql`${table.number} >= 1`),
    check('ledger_moves_from_engine_check', sql`${table.fromEngine} in ('postgres', 'eventstore')`),
    check('ledger_moves_check', sql`${table.toEngine} <> ${table.fromEngine}`),
    check('ledger_moves_size_check', sql`${table.size} >= 0`),
    check('ledger_moves_root_check', sql`octet_length(${table.root}) = 32`),
    check('ledger_moves_check1', sql`(${table.fromEnd} is null) = (${table.size} = 0)`),
    check('ledger_moves_check2', sql`(${table.toEnd} is null) = (${table.size} = 0)`),
  ],
);
