import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { rehashed, replaceLedger } from '../support/forge.ts';
import { eventOf, mendReadTables, rewrite, type Story, tampered, tellStory } from '../support/tampering.ts';

/** Somebody without the keyring moves sealed parts about. */

let story: Story;
beforeAll(async () => {
  story = await tellStory();
});
afterAll(() => story.close());

const permitted = (): RecordedEvent => eventOf(story, story.anna, 'access.permitted@1');

describe('a sealed part', () => {
  it.each(['retained', 'personal'] as const)('%s opens in its own event only', async (kind) => {
    await tampered(story, async (copy) => {
      const [to, from] = [
        eventOf(story, story.anna, 'consent.revoked@1'),
        eventOf(story, story.ben, 'consent.revoked@1'),
      ];
      const part = from.sealed[kind];
      const columns = { [kind]: part.bytes, [`${kind}_key`]: part.keyId };
      await copy.sql`update events set ${copy.sql(columns)} where id = ${to.id}`;
      expect((await copy.verdict()).finding).toMatchObject({ kind: `${kind}-unreadable`, event: to.id });
    });
  });

  it('brought from another event with its commitment, and everything mended, does not open either', async () => {
    await tampered(story, async (copy) => {
      const [to, from] = [eventOf(story, story.anna, 'consent.revoked@1'), permitted()];
      const changed = story.events.map((event) => {
        if (event !== to) return event;
        const { header: _made, ...rest } = { ...event, sealed: from.sealed, commitments: from.commitments };
        return rest;
      });
      await replaceLedger(copy.sql, rehashed(story.identity, changed));
      expect((await copy.verdict()).finding).toMatchObject({ kind: 'retained-unreadable', event: to.id });
    });
  });

  it('is not excused by a key that was said to be destroyed', async () => {
    await tampered(story, async ({ sql, verdict }) => {
      const { id, stream } = permitted();
      await sql`insert into vault.period_keys (retention, year, number, destroyed) values ('access', 1999, 0, now())`;
      await sql`update events set retained_key = ${`${stream}#access#1999#0`} where id = ${id}`;
      expect((await verdict()).finding).toMatchObject({
        kind: 'withheld',
        event: id,
        detail: expect.stringContaining('in which it was not decided'),
      });
      await sql`insert into vault.stream_keys (stream, kind, number, destroyed) values (${stream}, 'personal', 7, now())`;
      await sql`update events set retained_key = ${permitted().sealed.retained.keyId} where id = ${id}`;
      await sql`update events set personal_key = ${`${stream}#personal#-#7`} where id = ${id}`;
      expect((await verdict()).finding).toMatchObject({ kind: 'withheld', event: id });
    });
  });
});

describe('a ledger that is rewritten as it was', () => {
  it('is as it was', async () => {
    await tampered(story, async (copy) => {
      await rewrite(story, copy, (all) => all);
      expect((await copy.verdict(story.anchor)).verdict).toBe('consistent, anchored');
      await mendReadTables(copy);
      expect((await copy.verdict(story.anchor)).verdict).toBe('consistent, anchored');
    });
  });
});
