import { sql } from 'drizzle-orm';
import { bigint, boolean, check, customType, pgTable, uuid } from 'drizzle-orm/pg-core';
import type { EventId, StreamName } from '../../src/kernel/id.ts';

/** The TypeScript twin of migrations/0005_requests.sql (requests.test.ts compares them). Only the EventStoreDB engine writes these tables. */

/** Bytewise text: one order on every machine. */
const ctext = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' });

export const requests = pgTable(
  'requests',
  {
    id: uuid('id').primaryKey().$type<EventId>(),
    stream: ctext('stream').notNull().$type<StreamName>(),
    after: bigint('after', { mode: 'bigint' }).notNull(),
    owner: uuid('owner').notNull(),
  },
  (table) => [check('requests_after_check', sql`${table.after} >= -1`)],
);

export const eventstoreLedger = pgTable(
  'eventstore_ledger',
  {
    single: boolean('single').primaryKey().default(true),
    prefix: ctext('prefix').notNull(),
    origin: ctext('origin').notNull(),
    suite: ctext('suite').notNull(),
  },
  (table) => [check('eventstore_ledger_single_check', sql`${table.single}`)],
);
