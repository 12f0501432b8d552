import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/audit/finding.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { type Story, tampered, tellStory } from '../support/tampering.ts';

/** Somebody with all rights over the database leaves the events alone and changes what is told beside them. */

let story: Story;
beforeAll(async () => {
  story = await tellStory();
});
afterAll(() => story.close());

interface Change {
  readonly who: string;
  readonly does: (sql: Sql) => Promise<unknown>;
  readonly finds: () => Partial<Finding>;
}

const HEADS: readonly Change[] = [
  {
    who: 'turns back the head of a stream',
    does: (sql) => sql`update stream_heads set revision = revision - 1 where stream = ${story.anna}`,
    finds: () => ({ kind: 'head-mismatch', stream: story.anna }),
  },
  {
    who: 'changes the hash of a head',
    does: (sql) => sql`update stream_heads set head = sha256(head) where stream = ${story.anna}`,
    finds: () => ({ kind: 'head-mismatch', stream: story.anna }),
  },
  {
    who: 'moves a head to another position',
    does: (sql) => sql`update stream_heads set position = position - 1 where stream = ${story.anna}`,
    finds: () => ({ kind: 'head-mismatch', stream: story.anna }),
  },
  {
    who: 'takes a head away',
    does: (sql) => sql`delete from stream_heads where stream = ${story.anna}`,
    finds: () => ({ kind: 'head-mismatch', stream: story.anna }),
  },
  {
    who: 'makes a head for a stream without events',
    does: (sql) => sql`insert into stream_heads values ('institution/nobody', 0, '\\x00', 0)`,
    finds: () => ({ kind: 'head-without-event', stream: 'institution/nobody' }),
  },
  {
    who: 'gives a stream two heads',
    does: async (sql) => {
      await sql`alter table stream_heads drop constraint stream_heads_pkey`;
      await sql`insert into stream_heads select * from stream_heads where stream = ${story.anna}`;
    },
    finds: () => ({ kind: 'head-mismatch', stream: story.anna }),
  },
  {
    who: 'sets the end of the ledger further on',
    does: (sql) => sql`update ledger_head set position = position + 1`,
    finds: () => ({ kind: 'ledger-head-mismatch', position: `${story.events.length}` }),
  },
  {
    who: 'sets the instant of the end back',
    does: (sql) => sql`update ledger_head set time = '1970-01-01T00:00:00.000Z'`,
    finds: () => ({ kind: 'ledger-head-mismatch' }),
  },
  {
    who: 'gives the ledger another name',
    does: (sql) => sql`update ledger_head set origin = 'health.example/310000'`,
    finds: () => ({ kind: 'ledger-head-mismatch' }),
  },
  {
    who: 'takes the end of the ledger away',
    does: (sql) => sql`delete from ledger_head`,
    finds: () => ({ kind: 'ledger-head-mismatch' }),
  },
];

const READS: readonly Change[] = [
  {
    who: 'changes a row of a read table',
    does: (sql) =>
      sql`update ehr_index set category = 'imaging'`.then(() => sql`update emr_index set category = 'imaging'`),
    finds: () => ({ kind: 'read-table-differs', detail: expect.stringContaining('emr_index') }),
  },
  {
    who: 'hides a row of a read table',
    does: (sql) => sql`delete from access_trail where kind = 'denied'`,
    finds: () => ({ kind: 'read-table-differs', detail: expect.stringContaining('access_trail') }),
  },
  {
    who: 'makes a read table show a consent again',
    does: (sql) => sql`update consents set state = 'granted'`,
    finds: () => ({ kind: 'read-table-differs', detail: expect.stringContaining('consents') }),
  },
  {
    who: 'lets the read tables wait for a position that never comes',
    does: (sql) => sql`update projectors set position = '999999'`,
    finds: () => ({ kind: 'read-table-differs', detail: expect.stringContaining('projectors') }),
  },
  {
    who: 'writes no position where the read tables stand',
    does: (sql) => sql`update projectors set position = 'soon'`,
    finds: () => ({ kind: 'read-table-differs' }),
  },
  {
    who: 'takes a read table away',
    does: (sql) => sql`drop table codes`,
    finds: () => ({ kind: 'read-table-differs', detail: expect.stringContaining('42P01') }),
  },
];

describe.each([
  ['the heads', HEADS],
  ['the read tables', READS],
])('%s', (_, changes) => {
  it.each(changes)('$who: found', async ({ does, finds }) => {
    await tampered(story, async (copy) => {
      await does(copy.sql);
      expect(await copy.verdict()).toMatchObject({ verdict: 'broken', finding: finds() });
    });
  });
});

describe('what is derived', () => {
  it('may be lost without a word: snapshots, and how far a projector has come', async () => {
    await tampered(story, async (copy) => {
      await copy.sql`delete from vault.snapshots`;
      await copy.sql`update projectors set owner = 'nobody', epoch = epoch + 1`;
      expect(await copy.verdict()).toMatchObject({ verdict: 'consistent, not anchored' });
    });
  });
});
