import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding, FindingKind } from '../../src/audit/finding.ts';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { nodeSuite } from '../../src/suite-node/suite.ts';
import { putEvent, rehashed, replaceLedger, storedEvents } from '../support/forge.ts';
import { worldOf } from '../support/people.ts';
import {
  eventOf,
  mendReadTables,
  rewrite,
  type Story,
  type Tampered,
  tamper,
  tellStory,
  without,
} from '../support/tampering.ts';

/** Somebody with all rights over the database, and without the keyring, takes events out, moves them, or makes them anew. */

let story: Story;
beforeAll(async () => {
  story = await tellStory();
});
afterAll(() => story.close());

const at = (events: readonly RecordedEvent[], n: number): RecordedEvent => events.at(n) as RecordedEvent;
const change = (events: RecordedEvent[], edit: (list: RecordedEvent[]) => void): RecordedEvent[] => {
  edit(events);
  return events;
};

async function tampered<T>(work: (copy: Tampered) => Promise<T>): Promise<T> {
  const copy = await tamper(story);
  try {
    return await work(copy);
  } finally {
    await copy.close();
  }
}

/** What is found with no anchor at hand. */
type Crude = readonly [
  what: string,
  change: (copy: Tampered) => Promise<unknown>,
  found: FindingKind,
  where?: Partial<Finding>,
];

const CRUDE: readonly Crude[] = [
  [
    'drops an event in the middle',
    ({ sql }) => sql`delete from events where position = 9`,
    'position-gap',
    { position: '9' },
  ],
  [
    'drops one and closes the gap of positions',
    async ({ sql }) => {
      const { id } = eventOf(story, story.anna, 'consent.revoked@1');
      await replaceLedger(sql, renumbered(without(await storedEvents(sql), id)));
    },
    'revision-gap',
  ],
  [
    'drops one and renumbers its stream too, without the hashes',
    async ({ sql }) => {
      const { id, stream, revision } = eventOf(story, story.anna, 'consent.revoked@1');
      const rest = without(await storedEvents(sql), id).map((event) =>
        event.stream === stream && event.revision > revision ? { ...event, revision: event.revision - 1n } : event,
      );
      await replaceLedger(sql, renumbered(rest));
    },
    'header-mismatch',
  ],
  [
    'drops a whole stream with its head',
    async ({ sql }) => {
      await sql`delete from events where stream = ${story.ben}`;
      await sql`delete from stream_heads where stream = ${story.ben}`;
    },
    'position-gap',
  ],
  [
    'swaps two events of a stream',
    async ({ sql }) => {
      const [a, b] = story.events.filter(({ stream }) => stream === story.anna).slice(2, 4);
      await sql`update events set position = -1 - position where id = any(${[a?.id, b?.id] as string[]}::uuid[])`;
      await sql`update events set position = ${b?.position ?? ''} where id = ${a?.id ?? ''}`;
      await sql`update events set position = ${a?.position ?? ''} where id = ${b?.id ?? ''}`;
    },
    'revision-gap',
  ],
  [
    'puts an event in twice',
    async ({ sql }) => {
      await sql.unsafe(
        'alter table events drop constraint events_pkey, drop constraint events_id_key, drop constraint events_stream_revision_key',
      );
      await putEvent(sql, at(story.events, 5));
    },
    'position-order',
    { position: '5' },
  ],
  [
    'puts an event in twice, with every place mended',
    async (copy) => {
      await copy.sql.unsafe('alter table events drop constraint events_id_key');
      const twice = at(story.events, -1);
      await replaceLedger(copy.sql, rehashed(story.identity, [...story.events, twice]));
    },
    'id-twice',
  ],
  [
    'cuts the tail and leaves the heads',
    ({ sql }) => sql`delete from events where position >= ${`${story.events.length - 2}`}`,
    'ledger-head-mismatch',
    // The name of the place that is empty.
    { position: 'tail' },
  ],
  [
    'cuts the tail and mends the end, not the heads of streams',
    async ({ sql }) => {
      const kept = story.events.slice(0, -1);
      await sql`delete from events where position >= ${`${kept.length}`}`;
      await sql`update ledger_head set position = ${at(kept, -1).position}, time = ${at(kept, -1).time}`;
    },
    'head-mismatch',
  ],
  [
    'hides events behind the end',
    async ({ sql }) => {
      const last = at(story.events, -2);
      await sql`update ledger_head set position = ${last.position}, time = ${last.time}`;
    },
    'ledger-head-mismatch',
  ],
  [
    'drops a revocation behind which the asker was refused, and mends everything',
    (copy) => rewrite(story, copy, (all) => without(all, eventOf(story, story.anna, 'consent.revoked@1').id)),
    // What was decided later says how far it had seen.
    'condition-broken',
  ],
  [
    'swaps two events of a stream and mends everything',
    (copy) =>
      rewrite(story, copy, (all) =>
        change(all, (list) => {
          const [a, b] = [indexOf('consent.granted@1'), indexOf('consent.revoked@1')];
          [list[a], list[b]] = [at(list, b), at(list, a)];
        }),
      ),
    'time-order',
  ],
  [
    'swaps two events, and their instants, and mends everything',
    (copy) =>
      rewrite(story, copy, (all) =>
        change(all, (list) => {
          const [a, b] = [indexOf('consent.granted@1'), indexOf('consent.revoked@1')];
          [list[a], list[b]] = [
            { ...at(list, b), time: at(list, a).time },
            { ...at(list, a), time: at(list, b).time },
          ];
        }),
      ),
    'decided-after-append',
  ],
  [
    'takes one event out of an append of several, and mends everything',
    (copy) => rewrite(story, copy, (all) => without(all, eventOf(story, story.ben, 'code.issued@1').id)),
    'batch-partial',
  ],
  [
    'puts a stranger between the events of one append, and mends everything',
    (copy) =>
      rewrite(story, copy, (all) =>
        change(all, (list) => {
          const cut = list.findIndex(({ id }) => id === eventOf(story, story.ben, 'code.issued@1').id);
          const [last] = list.splice(-1);
          list.splice(cut, 0, { ...(last as RecordedEvent), time: at(list, cut).time });
        }),
      ),
    'batch-partial',
  ],
];

const revocation = (): RecordedEvent => eventOf(story, story.ben, 'consent.revoked@1');
const indexOf = (type: string): number => story.events.indexOf(eventOf(story, story.anna, type));
const renumbered = (events: readonly RecordedEvent[]): RecordedEvent[] =>
  events.map((event, i) => ({ ...event, position: `${i}` as RecordedEvent['position'] }));

describe('somebody who', () => {
  it.each(CRUDE)('%s is found without an anchor', async (_, work, kind, where = {}) => {
    await tampered(async (copy) => {
      await work(copy);
      const { verdict, finding } = await copy.verdict();
      expect(verdict).toBe('broken');
      const place = where.position === 'tail' ? { position: `${story.events.length - 2}` } : where;
      expect(finding).toMatchObject({ kind, ...place });
    });
  });

  const SUBTLE: readonly (readonly [string, (copy: Tampered) => Promise<void>, FindingKind])[] = [
    [
      'cuts the tail',
      async (copy) => {
        await replaceLedger(copy.sql, story.events.slice(0, -1));
        await mendReadTables(copy);
      },
      'anchor-truncated',
    ],
    [
      'hides a revocation that nobody has seen',
      (copy) => rewrite(story, copy, (all) => without(all, revocation().id)),
      'anchor-truncated',
    ],
    [
      'hides one, while the ledger goes on and grows beyond the anchor',
      async (copy) => {
        await rewrite(story, copy, (all) => without(all, revocation().id));
        await mendReadTables(copy, async (node) => (await worldOf(node)).hospital('Later'));
      },
      'anchor-root',
    ],
    [
      'drops a stream that nobody has seen',
      (copy) => rewrite(story, copy, (all) => all.filter(({ stream }) => stream !== story.ben)),
      'anchor-truncated',
    ],
    [
      'makes every hash anew from an event on, and changes nothing else',
      (copy) => rewrite(story, copy, (all) => all, 20),
      'anchor-root',
    ],
    [
      'lets two events of different streams change places',
      (copy) =>
        rewrite(story, copy, (all) =>
          change(all, (list) => {
            const [a, b] = [at(list, -2), at(list, -1)];
            list.splice(-2, 2, b, { ...a, time: b.time });
          }),
        ),
      'anchor-root',
    ],
  ];

  it.each(SUBTLE)('%s, and mends all there is, is found with an anchor only', async (_, work, kind) => {
    await tampered(async (copy) => {
      await work(copy);
      expect(await copy.verdict()).toMatchObject({ verdict: 'consistent, not anchored' });
      expect(await copy.verdict(story.anchor)).toMatchObject({ verdict: 'broken', finding: { kind } });
    });
  });

  it('hid something behind an anchor is found in the stream that it was hidden from', async () => {
    await tampered(async (copy) => {
      await rewrite(story, copy, (all) => without(all, revocation().id));
      await mendReadTables(copy, async (node) => (await worldOf(node)).hospital('Later'));
      const { stream, revision } = revocation();
      const { finding } = await copy.verdict(story.anchor);
      expect(finding).toMatchObject({ kind: 'anchor-root', stream, revision: `${revision}` });
    });
  });
});

describe('nobody', () => {
  it('is accused of anything while the ledger is as it was, and grows', async () => {
    await tampered(async (copy) => {
      expect(await copy.verdict(story.anchor)).toMatchObject({
        verdict: 'consistent, anchored',
        anchored: BigInt(story.events.length),
      });
      await mendReadTables(copy, async (node) => (await worldOf(node)).hospital('Later'));
      const grown = await copy.verdict(story.anchor);
      expect(grown).toMatchObject({ verdict: 'consistent, anchored', anchored: BigInt(story.events.length) });
      expect(grown.events).toBe(BigInt(story.events.length + 1));
    });
  });

  it('is accused when an empty anchor says nothing; and nothing is vouched for', async () => {
    await tampered(async (copy) => {
      const empty = { origin: story.identity.origin, size: 0n, root: nodeSuite.hash(), heads: new Map() };
      expect(await copy.verdict(empty)).toMatchObject({ verdict: 'consistent, not anchored', anchored: 0n });
    });
  });

  it("an anchor of another ledger is told from one that this ledger doesn't keep", async () => {
    await tampered(async (copy) => {
      const { finding } = await copy.verdict({ ...story.anchor, origin: 'health.example/310000' });
      expect(finding).toMatchObject({ kind: 'anchor-origin' });
      const heads = new Map(story.anchor.heads).set(story.anna, { revision: 99n, head: new Uint8Array(32) });
      expect((await copy.verdict({ ...story.anchor, heads })).finding).toMatchObject({
        kind: 'anchor-head',
        stream: story.anna,
      });
    });
  });
});
