import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/audit/finding.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { eventOf, type Story, tampered, tellStory } from '../support/tampering.ts';

/** Somebody with all rights over the database leaves the events alone and changes the vault: claims, contents, keys. */

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

const subject = (): string => story.anna.slice('resident/'.length);

const VAULT: readonly Change[] = [
  {
    who: 'takes the claim of a health code away',
    does: (sql) => sql`delete from vault.claims where kind = 'code' and subject = ${subject()}`,
    finds: () => ({ kind: 'claim-differs', stream: story.anna, detail: 'claim 1 of 1 is not there' }),
  },
  {
    who: "leads a document to somebody else's record",
    does: (sql) => sql`update vault.claims set subject = 'x' where kind = 'document' and subject = ${subject()}`,
    finds: () => ({ kind: 'claim-differs', stream: story.anna, revision: '0' }),
  },
  {
    who: 'takes the content of a record away',
    does: (sql) => sql`delete from vault.contents where stream = ${story.anna}`,
    finds: () => ({ kind: 'content-missing', stream: story.anna }),
  },
  {
    who: 'changes the content of a record',
    does: (sql) =>
      sql`update vault.contents set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where stream = ${story.anna}`,
    finds: () => ({ kind: 'content-unreadable', stream: story.anna }),
  },
  {
    who: 'destroys the keys of a resident without an order',
    does: (sql) =>
      sql`update vault.stream_keys set wrapped = null, destroyed = clock_timestamp() where stream = ${story.anna}`,
    finds: () => ({ kind: 'withheld', stream: story.anna, revision: '0' }),
  },
  {
    who: 'destroys the key of what never ends',
    does: (sql) =>
      sql`update vault.period_keys set wrapped = null, destroyed = clock_timestamp() where retention = 'life'`,
    finds: () => ({ kind: 'withheld', position: '0' }),
  },
  {
    who: 'destroys the key of accesses before their term is over',
    does: (sql) =>
      sql`update vault.period_keys set wrapped = null, destroyed = clock_timestamp() where retention = 'access'`,
    finds: () => ({ kind: 'withheld', event: eventOf(story, story.anna, 'access.permitted@1').id }),
  },
  {
    who: 'takes the keys of a resident away',
    does: (sql) => sql`delete from vault.stream_keys where stream = ${story.anna}`,
    finds: () => ({ kind: 'personal-unreadable', stream: story.anna, revision: '0' }),
  },
  {
    who: "takes one of a resident's two keys away",
    does: (sql) => sql`delete from vault.stream_keys where stream = ${story.anna} and kind = 'tag'`,
    finds: () => ({ kind: 'personal-unreadable', stream: story.anna, revision: '0' }),
  },
  {
    who: "damages a resident's key",
    does: (sql) =>
      sql`update vault.stream_keys set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1) where stream = ${story.anna}`,
    finds: () => ({ kind: 'key-unreadable', stream: story.anna, revision: '0' }),
  },
  {
    who: 'says that a key is of another epoch',
    does: (sql) => sql`update vault.stream_keys set wrapped = set_byte(wrapped, 3, 9) where stream = ${story.anna}`,
    finds: () => ({ kind: 'key-unreadable', stream: story.anna, revision: '0' }),
  },
  {
    who: 'takes a table of the vault away',
    does: (sql) => sql`drop table vault.claims`,
    finds: () => ({ kind: 'store-unreadable', detail: expect.stringContaining('42P01') }),
  },
];
describe('the vault', () => {
  it.each(VAULT)('$who: found', async ({ does, finds }) => {
    await tampered(story, async (copy) => {
      await does(copy.sql);
      expect(await copy.verdict()).toMatchObject({ verdict: 'broken', finding: finds() });
    });
  });
});
