import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingKind } from '../../src/audit/finding.ts';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { putEvent, rehashed, replaceLedger } from '../support/forge.ts';
import { eventOf, rewrite, type Story, type Tampered, tampered, tellStory, without } from '../support/tampering.ts';

/**
 * Somebody with all rights over the database, and without the keyring, takes events out, doubles them or moves them. What is left, or
 * what later decisions say that they saw, gives it away: no anchor is needed.
 */

let story: Story;
beforeAll(async () => {
  story = await tellStory();
});
afterAll(() => story.close());

const nth = (n: number): RecordedEvent => story.events.at(n) as RecordedEvent;
const granted = (): RecordedEvent => eventOf(story, story.anna, 'consent.granted@1');
const revoked = (): RecordedEvent => eventOf(story, story.anna, 'consent.revoked@1');
const issued = (): RecordedEvent => eventOf(story, story.ben, 'code.issued@1');
const renumbered = (events: readonly RecordedEvent[]): RecordedEvent[] =>
  events.map((event, i) => ({ ...event, position: `${i}` as RecordedEvent['position'] }));

interface Crude {
  readonly who: string;
  readonly does: (copy: Tampered) => Promise<unknown>;
  readonly found: FindingKind;
  /** The position that is named. */
  readonly at: () => number;
}

const CRUDE: readonly Crude[] = [
  {
    who: 'drops an event in the middle',
    does: ({ sql }) => sql`delete from events where position = 9`,
    found: 'position-gap',
    at: () => 9,
  },
  {
    who: 'drops one and closes the gap of positions',
    does: ({ sql }) => replaceLedger(sql, renumbered(without(story.events, revoked()))),
    found: 'revision-gap',
    at: () => story.events.indexOf(revoked()),
  },
  {
    who: 'drops one and renumbers its stream too, without the hashes',
    does: ({ sql }) => {
      const { stream, revision } = revoked();
      const rest = without(story.events, revoked()).map((event) =>
        event.stream === stream && event.revision > revision ? { ...event, revision: event.revision - 1n } : event,
      );
      return replaceLedger(sql, renumbered(rest));
    },
    found: 'header-mismatch',
    at: () => story.events.indexOf(revoked()),
  },
  {
    who: 'drops a whole stream with its head',
    does: async ({ sql }) => {
      await sql`delete from events where stream = ${story.ben}`;
      await sql`delete from stream_heads where stream = ${story.ben}`;
    },
    found: 'position-gap',
    at: () => story.events.findIndex(({ stream }) => stream === story.ben),
  },
  {
    who: 'swaps two events of a stream',
    does: async ({ sql }) => {
      const [a, b] = [granted(), revoked()];
      await sql`update events set position = position + 1000 where id in (${a.id}, ${b.id})`;
      await sql`update events set position = ${b.position} where id = ${a.id}`;
      await sql`update events set position = ${a.position} where id = ${b.id}`;
    },
    found: 'revision-gap',
    at: () => story.events.indexOf(granted()),
  },
  {
    who: 'puts an event in twice',
    does: async ({ sql }) => {
      await sql.unsafe('alter table events drop constraint events_pkey, drop constraint events_id_key');
      await sql.unsafe('alter table events drop constraint events_stream_revision_key');
      await putEvent(sql, nth(5));
    },
    found: 'position-order',
    at: () => 5,
  },
  {
    who: 'puts an event in twice and mends its place',
    does: async ({ sql }) => {
      await sql.unsafe('alter table events drop constraint events_id_key');
      await replaceLedger(sql, rehashed(story.identity, [...story.events, nth(-1)]));
    },
    found: 'id-twice',
    at: () => story.events.length,
  },
  {
    who: 'cuts the tail and leaves the heads',
    does: ({ sql }) => sql`delete from events where position >= ${`${story.events.length - 2}`}`,
    found: 'ledger-head-mismatch',
    at: () => story.events.length - 2,
  },
  {
    who: 'hides events behind the end',
    does: ({ sql }) => sql`update ledger_head set position = ${nth(-2).position}, time = ${nth(-2).time}`,
    found: 'ledger-head-mismatch',
    at: () => story.events.length - 1,
  },
  {
    who: 'drops a revocation, behind which somebody was refused, and mends everything',
    does: (copy) => rewrite(story, copy, (all) => without(all, revoked())),
    found: 'condition-broken',
    at: () => story.events.indexOf(revoked()),
  },
  {
    who: 'swaps a grant and its revocation, with their instants, and mends everything',
    does: (copy) => {
      const swapped = new Map([
        [granted().id, { ...revoked(), time: granted().time }],
        [revoked().id, { ...granted(), time: revoked().time }],
      ]);
      return rewrite(story, copy, (all) => all.map((event) => swapped.get(event.id) ?? event));
    },
    found: 'decided-after-append',
    at: () => story.events.indexOf(granted()),
  },
  {
    who: 'takes one event out of an append of several, and mends everything',
    does: (copy) => rewrite(story, copy, (all) => without(all, issued())),
    found: 'batch-partial',
    at: () => story.events.indexOf(issued()),
  },
  {
    who: 'puts another event between those of one append, and mends everything',
    does: (copy) =>
      rewrite(story, copy, (all) => {
        const cut = story.events.indexOf(issued());
        return [...all.slice(0, cut), { ...nth(-1), time: nth(cut).time }, ...all.slice(cut, -1)];
      }),
    found: 'batch-partial',
    at: () => story.events.indexOf(issued()),
  },
];

describe('somebody who', () => {
  it.each(CRUDE)('$who is found without an anchor: $found', async ({ does, found, at }) => {
    await tampered(story, async (copy) => {
      await does(copy);
      expect(await copy.verdict()).toMatchObject({
        verdict: 'broken',
        finding: { kind: found, position: `${at()}` },
      });
    });
  });
});
