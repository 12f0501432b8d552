import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Bytes } from '../../src/kernel/bytes.ts';
import type { EventId, Id16, StreamName } from '../../src/kernel/id.ts';

/** The TypeScript twin of migrations/0002_vault.sql (a test compares them). Only `src/vault` reads and writes these tables. */

const bytea = customType<{ data: Bytes; driverData: Uint8Array }>({ dataType: () => 'bytea' });
/** u32 epoch ‖ nonce ‖ GCM(wrapping key, key): 64 bytes. */
const wrapped = customType<{ data: Bytes; driverData: Uint8Array }>({ dataType: () => 'vault.wrapped' });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

export const vault = pgSchema('vault');

export const streamKeys = vault.table(
  'stream_keys',
  {
    stream: text('stream').$type<StreamName>().notNull(),
    kind: text('kind').$type<'personal' | 'tag'>().notNull(),
    number: integer('number').notNull(),
    /** Null in a tombstone. */
    wrapped: wrapped('wrapped'),
    created: instant('created').notNull().default(sql`clock_timestamp()`),
    destroyed: instant('destroyed'),
  },
  (t) => [
    primaryKey({ name: 'stream_keys_pkey', columns: [t.stream, t.kind, t.number] }),
    check('stream_keys_tombstone_check', sql`(${t.wrapped} IS NULL) = (${t.destroyed} IS NOT NULL)`),
  ],
);

export const periodKeys = vault.table(
  'period_keys',
  {
    /** A retention class, such as `access`. */
    retention: text('retention').notNull(),
    year: integer('year').notNull(),
    number: integer('number').notNull(),
    wrapped: wrapped('wrapped'),
    created: instant('created').notNull().default(sql`clock_timestamp()`),
    destroyed: instant('destroyed'),
  },
  (t) => [
    primaryKey({ name: 'period_keys_pkey', columns: [t.retention, t.year, t.number] }),
    check('period_keys_tombstone_check', sql`(${t.wrapped} IS NULL) = (${t.destroyed} IS NOT NULL)`),
  ],
);

export const claims = vault.table(
  'claims',
  {
    kind: text('kind').$type<'document' | 'actor' | 'code' | 'institution' | 'practitioner'>().notNull(),
    blindIndex: bytea('blind_index').notNull(),
    /** Of the index key. */
    keyVersion: integer('key_version').notNull(),
    /** A resident's label, or the id of an institution or practitioner. */
    subject: text('subject').notNull(),
  },
  (t) => [
    primaryKey({ name: 'claims_pkey', columns: [t.kind, t.keyVersion, t.blindIndex] }),
    index('claims_subject_idx').on(t.subject),
  ],
);

export const contents = vault.table(
  'contents',
  {
    id: text('id').$type<Id16>().primaryKey(),
    stream: text('stream').$type<StreamName>().notNull(),
    eventId: uuid('event_id').$type<EventId>().notNull(),
    created: instant('created').notNull().default(sql`clock_timestamp()`),
    /** A sweep has found the event; no sweep looks again. */
    settled: boolean('settled').notNull().default(false),
    wrappedKey: wrapped('wrapped_key').notNull(),
    sealed: bytea('sealed').notNull(),
  },
  (t) => [
    index('contents_stream_idx').on(t.stream),
    index('contents_unsettled_idx').on(t.created, t.id).where(sql`NOT ${t.settled}`),
  ],
);

export const snapshots = vault.table(
  'snapshots',
  {
    stream: text('stream').$type<StreamName>().notNull(),
    fold: text('fold').notNull(),
    digest: bytea('digest').notNull(),
    revision: bigint('revision', { mode: 'bigint' }).notNull(),
    sealed: bytea('sealed').notNull(),
    made: instant('made').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ name: 'snapshots_pkey', columns: [t.stream, t.fold] })],
);
