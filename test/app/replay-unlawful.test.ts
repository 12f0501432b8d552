import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLedger } from '../../src/audit/check-ledger.ts';
import { mergeReplayed } from '../../src/audit/replay/merge.ts';
import { type Replayed, replayLedger } from '../../src/audit/replay/replay.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { verdictOn } from '../support/people.ts';
import type { TestNode } from '../support/test-node.ts';
import { unlawfully } from '../support/unlawful.ts';
import { ACCESSES } from './unlawful-accesses.ts';
import { CONSENTS, PARTIES, PERSONS } from './unlawful-commands.ts';
import { openUnlawful } from './unlawful-world.ts';

/** Whoever writes past the rules is found by replay, although seals, chains and conditions are right; each kind of it by name. */

let node: TestNode;
beforeAll(async () => {
  node = await openUnlawful();
});
afterAll(() => node.close());

describe('what does not follow is found, and named by code alone:', () => {
  it.each([...ACCESSES, ...CONSENTS, ...PERSONS])('%s', async (_title, kind, recorded, follows, make) => {
    const found = await unlawfully(node, await make());
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind, recorded, follows });
  });

  // These change what holds for everybody, so they come last.
  it.each(PARTIES)('%s', async (_title, kind, recorded, follows, make) => {
    const found = await unlawfully(node, await make());
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind, recorded, follows });
  });

  it('in the same way by several who share the residents', async () => {
    const whole = await replayLedger(node.audit);
    const shares: Replayed[] = [];
    for (const at of [0, 1, 2]) shares.push(await replayLedger(node.audit, { share: { at, of: 3 } }));
    expect(shares.every(({ decisions, found }) => decisions > 10 && found > 0)).toBe(true);
    const { compare, parsePosition } = node.app.ledger;
    const { streams, notRecomputed, ...merged } = mergeReplayed(shares, (a, b) =>
      compare(parsePosition(a), parsePosition(b)),
    );
    const { streams: all, notRecomputed: left, ...rest } = whole;
    expect(merged).toEqual(rest);
    // Each share knows the streams that are nobody's share.
    expect(streams).toBeGreaterThan(all);
    expect(new Set(notRecomputed)).toEqual(new Set(left));
  });

  it('while all of it is well to whoever checks bytes, keys, chains and conditions only', async () => {
    const { stored, now, openRetained, openPersonal } = node.audit;
    expect((await checkLedger({ stored, suite, now, openRetained, openPersonal })).finding).toBeUndefined();
    await expect(verdictOn(node)).rejects.toThrow('decisions do not follow');
  });
});
