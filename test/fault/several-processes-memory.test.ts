import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stateLoader } from '../../src/app/states.ts';
import { institutionFold } from '../../src/domain/institution/fold.ts';
import { institutionStream, type StreamName } from '../../src/kernel/id.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { nodeSuite } from '../../src/suite-node/suite.ts';
import { destroyStreamKeys } from '../../src/vault/destroy.ts';
import { openVault } from '../../src/vault/vault.ts';
import { engineName } from '../support/engine.ts';
import { CLEAN, newRequest, value, verdictOn, type World, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

/** What each process has in its own memory, over one database: keys, folded states, and the snapshots that they leave for each other. */

const FOLDS = { institution: institutionFold };
/** More than the tail behind which a snapshot is written. */
const CHANGES = 70;

let node: TestNode;
let world: World;
/** Two organisations with long histories. */
let one: Changed;
let other: Changed;
beforeAll(async () => {
  node = await openTestNode({ project: false });
  world = await worldOf(node);
  [one, other] = await Promise.all([changedOften(), changedOften()]);
});
// Nobody has left a snapshot yet.
beforeEach(async () => {
  await node.sql`delete from vault.snapshots`;
});
afterAll(() => node.close());

/** The memory of one more process, which remembers nothing yet and counts the events that it reads. */
function otherProcess() {
  const { ledger, clock } = node.app;
  const opened = openVault({
    sql: node.sql,
    keyring: node.keyring,
    suite: nodeSuite,
    entropy: nodeEntropy,
    origin: node.config.origin,
    now: () => performance.now(),
  });
  const { vault, snapshots, counts } = opened;
  const reports: string[] = [];
  let read = 0;
  const states = stateLoader({
    ledger: {
      ...ledger,
      readTails: async (queries) => {
        const tails = await ledger.readTails(queries);
        read += tails.reduce((sum, { events }) => sum + events.length, 0);
        return tails;
      },
    },
    snapshots,
    openRetained: vault.openRetained,
    clock,
    report: (what) => reports.push(what),
  });
  return {
    vault,
    snapshots,
    reports,
    counts: () => counts().snapshots,
    /** The state, and how many events were read for it. */
    load: async (stream: StreamName) => {
      read = 0;
      const { state, revision } = await states.load(stream, FOLDS);
      await states.settled();
      return { state, revision, read };
    },
  };
}

interface Changed {
  readonly stream: StreamName;
  change(times: number): Promise<void>;
}

async function changedOften(): Promise<Changed> {
  const { id, key } = await world.hospital();
  const stream = institutionStream(id);
  const change: Changed['change'] = async (times) => {
    for (let n = 0; n < times; n++) {
      const input = { id, identifiers: [key], name: `Renamed ${newRequest()}` };
      value(await node.platform.changeInstitution(world.regulator, newRequest(), input));
    }
    await node.app.states.settled();
  };
  await change(CHANGES);
  return { stream, change };
}

const rowOf = async (stream: StreamName) => {
  const [row] = await node.sql<{ revision: bigint; sealed: Buffer; digest: Buffer; fold: string }[]>`
    select revision, sealed, digest, fold from vault.snapshots where stream = ${stream}`;
  return row;
};

describe(`${engineName()}: a snapshot that one process has left`, () => {
  it('spares another the events before it, and gives it the same state', async () => {
    const { stream, change } = one;
    const first = await otherProcess().load(stream);
    expect(first.read).toBe(Number(first.revision) + 1);
    const second = otherProcess();
    expect(await second.load(stream)).toEqual({ ...first, read: 0 });
    expect(second.counts()).toMatchObject({ used: 1, refused: 0 });
    await change(3);
    const third = await otherProcess().load(stream);
    expect(third).toMatchObject({ revision: first.revision + 3n, read: 3 });
    expect(third.state).not.toEqual(first.state);
    expect(await second.load(stream)).toEqual(third);
  });

  it('and somebody has changed in one byte, or moved, is refused and made anew; the state is that of the events', async () => {
    const right = await otherProcess().load(one.stream);
    await otherProcess().load(other.stream);
    const theirs = (await rowOf(other.stream))?.sealed as Buffer;
    const flipped = Buffer.from((await rowOf(one.stream))?.sealed as Buffer);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    for (const sealed of [flipped, theirs]) {
      await node.sql`update vault.snapshots set sealed = ${sealed} where stream = ${one.stream}`;
      const refusing = otherProcess();
      expect(await refusing.load(one.stream)).toEqual(right);
      expect(refusing.counts()).toMatchObject({ used: 0, refused: 1 });
      expect(await otherProcess().load(one.stream)).toEqual({ ...right, read: 0 });
    }
  });

  it('and somebody has put back when there was a later one, costs the events since, and nothing is forgotten', async () => {
    const { stream, change } = one;
    const before = await otherProcess().load(stream);
    const old = await rowOf(stream);
    await change(3);
    await node.sql`delete from vault.snapshots`;
    const now = await otherProcess().load(stream);
    expect((await rowOf(stream))?.revision).toBe(before.revision + 3n);
    await node.sql`
      update vault.snapshots set sealed = ${old?.sealed as Buffer}, revision = ${old?.revision as bigint}
      where stream = ${stream}`;
    expect(await otherProcess().load(stream)).toEqual({ ...now, read: 3 });
  });

  it.each([
    ['at a revision that stands', 40n],
    ['beyond the stream’s end', 500n],
  ])('of another history, %s, is reported and dropped; the next one is of this history', async (_, revision) => {
    const { stream } = one;
    const right = await otherProcess().load(stream);
    await node.sql`delete from vault.snapshots`;
    // Sealed with the right key, as by a process over a backup that went another way.
    const head = nodeEntropy.bytes(32);
    const state = { state: { ...right.state.institution, name: 'Elsewhere' }, position: '' };
    await otherProcess().snapshots.save({ stream, fold: institutionFold, revision, head, state });
    const finding = otherProcess();
    expect(await finding.load(stream)).toEqual({ ...right, read: expect.any(Number) });
    expect(finding.reports).toEqual(['snapshot-mismatch']);
    expect(await otherProcess().load(stream)).toEqual({ ...right, read: 0 });
  });
});

describe(`${engineName()}: keys that one process has destroyed`, () => {
  it('are used by another for as long as it remembers them, at most a minute; who remembers nothing has none', async () => {
    const { stream } = await world.resident();
    const now = node.app.clock.now();
    const [remembers, destroys] = [otherProcess(), otherProcess()];
    await remembers.vault.keysOf(stream, now);
    await destroyStreamKeys(destroys.vault, stream);
    await expect(destroys.vault.keysOf(stream, now)).rejects.toMatchObject({ code: 'key-destroyed' });
    await expect(otherProcess().vault.keysOf(stream, now)).rejects.toMatchObject({ code: 'key-destroyed' });
    // What an order in the subject's stream must prevent once erasures are built: it guards every append (`erasure.`).
    expect((await remembers.vault.keysOf(stream, now)).stream).toBe(stream);
    await destroyStreamKeys(remembers.vault, stream);
    await expect(remembers.vault.keysOf(stream, now)).rejects.toMatchObject({ code: 'key-destroyed' });
  });

  it('leave a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
