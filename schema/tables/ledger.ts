import { sql } from 'drizzle-orm';
import { bigint, boolean, check, customType, pgTable, unique, uuid } from 'drizzle-orm/pg-core';
import type { Bytes } from '../../src/kernel/bytes.ts';
import type { EventId, StreamName } from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';

/** The TypeScript twin of migrations/0001_ledger.sql (ledger.test.ts compares them). Only the Postgres engine writes these tables. */

const bytea = customType<{ data: Bytes; driverData: Uint8Array }>({ dataType: () => 'bytea' });
/** Bytewise text: one order on every machine. */
const ctext = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' });

const instant = () => ctext('time').notNull().$type<Instant>();

export const events = pgTable(
  'events',
  {
    position: bigint('position', { mode: 'bigint' }).primaryKey(),
    stream: ctext('stream').notNull().$type<StreamName>(),
    revision: bigint('revision', { mode: 'bigint' }).notNull(),
    id: uuid('id').notNull().$type<EventId>(),
    type: ctext('type').notNull(),
    time: instant(),
    header: bytea('header').notNull(),
    headerOpening: bytea('header_opening').notNull(),
    leaf: bytea('leaf').notNull(),
    leafHash: bytea('leaf_hash').notNull(),
    head: bytea('head').notNull(),
    retainedKey: ctext('retained_key').notNull(),
    retained: bytea('retained').notNull(),
    personalKey: ctext('personal_key').notNull(),
    personal: bytea('personal').notNull(),
  },
  (table) => [
    unique('events_stream_revision_key').on(table.stream, table.revision),
    unique('events_id_key').on(table.id),
    check('events_position_check', sql`${table.position} >= 0`),
    check('events_revision_check', sql`${table.revision} >= 0`),
  ],
);

export const streamHeads = pgTable(
  'stream_heads',
  {
    stream: ctext('stream').primaryKey().$type<StreamName>(),
    revision: bigint('revision', { mode: 'bigint' }).notNull(),
    head: bytea('head').notNull(),
    position: bigint('position', { mode: 'bigint' }).notNull(),
  },
  (table) => [
    check('stream_heads_revision_check', sql`${table.revision} >= 0`),
    check('stream_heads_position_check', sql`${table.position} >= 0`),
  ],
);

/** One row; its lock orders all appends. */
export const ledgerHead = pgTable(
  'ledger_head',
  {
    single: boolean('single').primaryKey().default(true),
    position: bigint('position', { mode: 'bigint' }).notNull(),
    time: instant(),
    origin: ctext('origin'),
    suite: ctext('suite'),
  },
  (table) => [
    check('ledger_head_single_check', sql`${table.single}`),
    check('ledger_head_position_check', sql`${table.position} >= -1`),
    check('ledger_head_check', sql`(${table.origin} IS NULL) = (${table.suite} IS NULL)`),
  ],
);
