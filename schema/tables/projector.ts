import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * How far the read tables have come, and which process may write them. One row, `reads`; a batch updates it in the transaction that
 * writes the rows.
 */
export const projectors = pgTable('projectors', {
  name: text('name').primaryKey(),
  /** The ledger position of the last event that the rows show, printed; null before the first. */
  position: text('position'),
  /** How many events the rows show: the ordinal of the next one. */
  applied: bigint('applied', { mode: 'bigint' }).notNull(),
  /** Who projects: a name drawn at random by the process; null when nobody does. */
  owner: text('owner'),
  /** Grows with every change of owner; who writes with an older one is refused. */
  epoch: bigint('epoch', { mode: 'bigint' }).notNull(),
  /** By the database's clock. From then on anybody may take over. */
  leaseEnds: timestamp('lease_ends', { withTimezone: true, mode: 'string' }).notNull(),
});

/** With which version of its projection a read table was made. */
export const projections = pgTable('projections', {
  name: text('name').primaryKey(),
  version: integer('version').notNull(),
});
