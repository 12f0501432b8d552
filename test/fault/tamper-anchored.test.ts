import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingKind } from '../../src/audit/finding.ts';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { nodeSuite } from '../../src/suite-node/suite.ts';
import { rehashed, replaceLedger } from '../support/forge.ts';
import {
  eventOf,
  grow,
  mendReadTables,
  rewrite,
  type Story,
  type Tampered,
  tampered,
  tellStory,
  without,
} from '../support/tampering.ts';

/**
 * Somebody who owns the database changes what nobody has seen, and mends everything that needs no key: headers, leaves, chains, positions,
 * heads, read tables. Only what was kept elsewhere tells.
 */

let story: Story;
beforeAll(async () => {
  story = await tellStory();
});
afterAll(() => story.close());

const nth = (n: number): RecordedEvent => story.events.at(n) as RecordedEvent;
const revoked = (): RecordedEvent => eventOf(story, story.ben, 'consent.revoked@1');
const NOT_ANCHORED = { verdict: 'consistent, not anchored' };

interface Subtle {
  readonly who: string;
  readonly does: (copy: Tampered) => Promise<void>;
  readonly found: FindingKind;
}

const SUBTLE: readonly Subtle[] = [
  {
    who: 'cuts the tail',
    does: async (copy) => {
      await replaceLedger(copy.sql, story.events.slice(0, -1));
      await mendReadTables(copy);
    },
    found: 'anchor-truncated',
  },
  {
    who: 'hides a revocation',
    does: (copy) => rewrite(story, copy, (all) => without(all, revoked())),
    found: 'anchor-truncated',
  },
  {
    who: 'hides a revocation while the ledger grows beyond the anchor',
    does: async (copy) => {
      await rewrite(story, copy, (all) => without(all, revoked()));
      await mendReadTables(copy, grow);
    },
    found: 'anchor-root',
  },
  {
    who: 'drops a stream',
    does: async (copy) => {
      await rewrite(story, copy, (all) => all.filter(({ stream }) => stream !== story.ben));
    },
    found: 'anchor-truncated',
  },
  {
    who: 'makes every hash from an event on anew, and changes nothing else',
    does: (copy) => rewrite(story, copy, (all) => all, 12),
    found: 'anchor-root',
  },
  {
    who: 'lets two events of different streams change places',
    does: (copy) => rewrite(story, copy, (all) => [...all.slice(0, -2), nth(-1), { ...nth(-2), time: nth(-1).time }]),
    found: 'anchor-root',
  },
];

describe('somebody who', () => {
  it.each(SUBTLE)('$who, and mends all there is, is found with an anchor only: $found', async ({ does, found }) => {
    await tampered(story, async (copy) => {
      await does(copy);
      expect(await copy.verdict()).toMatchObject(NOT_ANCHORED);
      expect(await copy.verdict(story.anchor)).toMatchObject({ verdict: 'broken', finding: { kind: found } });
    });
  });

  it('hid one event is found in the stream that it was hidden from', async () => {
    await tampered(story, async (copy) => {
      await rewrite(story, copy, (all) => without(all, revoked()));
      await mendReadTables(copy, grow);
      const { stream, revision } = revoked();
      const { finding } = await copy.verdict(story.anchor);
      expect(finding).toMatchObject({ kind: 'anchor-root', stream, revision: `${revision}` });
    });
  });
});

describe('an anchor', () => {
  const grown = async (copy: Tampered) => {
    await mendReadTables(copy, grow);
    return copy.verdict(story.anchor);
  };

  it('of a ledger that has grown since covers its first events, and says how many', async () => {
    await tampered(story, async (copy) => {
      const anchored = BigInt(story.events.length);
      expect(await copy.verdict(story.anchor)).toMatchObject({
        verdict: 'consistent, anchored',
        anchored,
        events: anchored,
      });
      expect(await grown(copy)).toMatchObject({ verdict: 'consistent, anchored', anchored, events: anchored + 1n });
    });
  });

  it('sees nothing of what was changed behind it', async () => {
    await tampered(story, async (copy) => {
      await grown(copy);
      const fresh = rehashed(story.identity, await copy.events(), story.events.length);
      await replaceLedger(copy.sql, fresh);
      await mendReadTables(copy);
      expect(await copy.verdict(story.anchor)).toMatchObject({ anchored: BigInt(story.events.length) });
    });
  });

  it('that is empty vouches for nothing', async () => {
    await tampered(story, async (copy) => {
      const empty = { origin: story.identity.origin, size: 0n, root: nodeSuite.hash(), heads: new Map() };
      expect(await copy.verdict(empty)).toMatchObject({ ...NOT_ANCHORED, anchored: 0n });
    });
  });

  it('of another ledger, and one whose parts disagree, are no excuse', async () => {
    await tampered(story, async (copy) => {
      const foreign = { ...story.anchor, origin: 'health.example/310000' };
      expect((await copy.verdict(foreign)).finding).toMatchObject({ kind: 'anchor-origin' });
      const heads = new Map(story.anchor.heads).set(story.anna, { revision: 99n, head: new Uint8Array(32) });
      const { finding } = await copy.verdict({ ...story.anchor, heads });
      expect(finding).toMatchObject({ kind: 'anchor-head', stream: story.anna, revision: '99' });
    });
  });
});
