import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import type { GrantConsentInput } from '../../src/app/api-inputs.ts';
import { type Config, readBothEngines } from '../../src/config.ts';
import { abortCopy, type TwoEngines } from '../../src/copy-ledger.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import type { Id16 } from '../../src/kernel/id.ts';
import { merkleRootOfHashes } from '../../src/ledger/merkle-root.ts';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { logger } from '../../src/log.ts';
import type { Node, NodeOptions } from '../../src/main.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { copy, eventsOf, settingsOf, withBoth, withoutPlace } from '../support/copying.ts';
import { type EventStoreUnderTest, eventStoreName, openEventStore } from '../support/eventstore/open.ts';
import {
  CLEAN,
  type Doctor,
  EVIDENCE,
  type Hospital,
  newRequest,
  type Resident,
  terms,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { run } from '../support/programs.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

/**
 * A whole ledger moved from PostgreSQL to EventStoreDB and back: the same events, the same root, and nodes that go on as if nothing had been.
 * The tests of this file follow on each other, as the moves do.
 */

let server: EventStoreUnderTest;
let node: TestNode;
let both: TwoEngines;
let onPostgres: Config;
beforeAll(async () => {
  [server, node] = await Promise.all([openEventStore(), openTestNode()]);
  onPostgres = node.config;
  both = withBoth(node.config, server);
});
afterAll(async () => {
  await node.close();
  await server.close();
});

interface Story {
  readonly resident: Resident;
  readonly doctor: Doctor;
  readonly hospital: Hospital;
  readonly regulator: Caller;
  readonly consentId: Id16;
  /** With so many grants and revocations that states are kept as snapshots. */
  readonly crowded: Resident;
  /** A command that is sent again. */
  readonly grant: { readonly requestId: string; readonly input: GrantConsentInput; readonly answer: unknown };
  /** All was done by then. */
  readonly until: string;
}

let story: Story;

const open = (at: Node, { resident, doctor }: Pick<Story, 'resident' | 'doctor'>) =>
  at.platform.openRecords(doctor.caller, { code: resident.code, purpose: 'TREAT' });

async function tell(world: World): Promise<Story> {
  const { platform, app } = world.node;
  const author = await world.doctor(await world.hospital());
  const hospital = await world.hospital();
  const doctor = await world.doctor(hospital);
  const resident = await world.resident();
  const consentId = await world.grant(resident, terms(hospital));
  await world.record(author, resident);
  const crowded = await world.resident();
  for (let i = 0; i < 35; i++) {
    const given = await world.grant(crowded, terms(hospital));
    value(await platform.revokeConsent(crowded.caller, newRequest(), { consentId: given }));
  }
  await world.grant(crowded, terms(hospital));
  const requestId = newRequest();
  const input = { terms: terms(hospital), evidence: EVIDENCE };
  const answer = await platform.grantConsent(resident.caller, requestId, input);
  await world.shown();
  // More than a page of a tail, so that what stands beside accesses is found by what each event says of it.
  for (let i = 0; i < 80; i++) value(await open(world.node, { resident, doctor }));
  const grant = { requestId, input, answer };
  value(await open(world.node, { resident: crowded, doctor }));
  const { regulator } = world;
  return { resident, doctor, hospital, regulator, consentId, crowded, grant, until: app.clock.now() };
}

/** What the story's people are told of what was done in it; asking makes accesses, and names records for the asker alone. */
async function answers(at: Node) {
  const { resident, doctor, regulator, until } = story;
  const { code } = resident;
  const { records, total } = value(await open(at, story));
  const [first] = records;
  if (first === undefined) throw new Error('no record was opened');
  const content = value(await at.platform.openContent(doctor.caller, { code, purpose: 'TREAT', record: first.id }));
  const trail = value(await at.platform.readTrail(regulator, { code, until, first: 200 }));
  return {
    total,
    records: records.map(({ id: _id, cursor: _cursor, ...record }) => record),
    content: { ...content, event: undefined },
    profile: { ...value(await at.platform.myProfile(resident.caller, {})), event: undefined },
    codes: value(await at.platform.myCodes(resident.caller)),
    trail: trail.entries.map(({ cursor: _cursor, ...entry }) => entry),
  };
}

/** Opens a node, works, and closes it. */
async function at<T>(config: Config, work: (node: Node) => Promise<T>, over: Partial<NodeOptions> = {}): Promise<T> {
  const opened = await node.again({ config, ...over });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const rootOf = (events: readonly RecordedEvent[]): string =>
  toBase64Url(
    merkleRootOfHashes(
      suite,
      events.map(({ leafHash }) => leafHash),
    ),
  );
const countOf = (events: readonly RecordedEvent[]): bigint => BigInt(events.length);
const openingOf = (config: Config) => node.again({ config }).then((opened) => opened.close());

const snapshots = () => node.database.ownerSql<{ sealed: Uint8Array }[]>`select * from vault.snapshots`;

let before: RecordedEvent[];
let old: Awaited<ReturnType<typeof snapshots>>;
const hexOf = ({ sealed }: { readonly sealed: Uint8Array }): string => Buffer.from(sealed).toString('hex');
const ofCrowded = (row: object): boolean => 'stream' in row && row.stream === story.crowded.stream;
let told: Awaited<ReturnType<typeof answers>>;
describe(`a ledger moved from PostgreSQL to EventStoreDB (${eventStoreName()})`, () => {
  it('is not opened there before', async () => {
    story = await tell(await worldOf(node));
    told = await answers(node);
    expect(told.trail.length).toBeGreaterThanOrEqual(80);
    await node.leave();
    await expect(openingOf(both)).rejects.toMatchObject({ code: 'ledger-elsewhere' });
    await expect(node.again({ config: both, audit: true })).rejects.toMatchObject({ code: 'ledger-elsewhere' });
    before = await at(onPostgres, ({ app }) => eventsOf(app.ledger));
    old = await snapshots();
  });

  it('has the same root, which the program prints as one document', async () => {
    const settings = settingsOf(node.database, server, both.eventStore.prefix);
    expect(readBothEngines(settings).eventStore).toEqual(both.eventStore);
    const args = ['--from', 'postgres', '--to', 'eventstore', '--json'];
    const ended = await run('copy-ledger', args, { ...settings, DATA_DIR: node.config.dataDir });
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('LEDGER_ENGINE=eventstore') });
    expect(JSON.parse(ended.stdout)).toEqual({
      from: 'postgres',
      to: 'eventstore',
      events: `${before.length}`,
      copied: `${before.length}`,
      root: rootOf(before),
    });
  });

  it('has every event there byte for byte, and is not opened where it was', async () => {
    await expect(openingOf(onPostgres)).rejects.toMatchObject({ code: 'ledger-elsewhere' });
    await expect(node.again({ config: onPostgres, audit: true })).rejects.toMatchObject({ code: 'ledger-elsewhere' });
    const after = await at(both, ({ app }) => eventsOf(app.ledger));
    expect(after.slice(0, before.length).map(withoutPlace)).toEqual(before.map(withoutPlace));
  });

  it('says how it went when it is asked to be moved again, and does nothing', async () => {
    expect(await copy(both, 'postgres')).toMatchObject({ already: true, events: countOf(before), copied: 0n });
    await expect(abortCopy(both, logger({ level: 'silent' }))).rejects.toMatchObject({ code: 'nothing-moves' });
  });

  it('is not misled by a snapshot that names a place where it was', async () => {
    const { ownerSql } = node.database;
    const ofOld = new Set(old.filter(ofCrowded).map(hexOf));
    expect(ofOld.size).toBeGreaterThan(0);
    const kept = async () => (await snapshots()).filter((row) => ofOld.has(hexOf(row))).length;
    expect(await kept()).toBe(0);
    // As a process saves it that has not heard yet.
    await ownerSql`insert into vault.snapshots ${ownerSql(old.filter(ofCrowded))}`;
    expect(await kept()).toBe(ofOld.size);
    await at(both, async (moved) => {
      expect(await open(moved, { resident: story.crowded, doctor: story.doctor })).toMatchObject({ kind: 'done' });
    });
    // Those that this access asks for; each of the others goes when it is asked for.
    expect(await kept()).toBeLessThan(ofOld.size);
  });

  it('gives the same answers there, to commands sent again too, and replays', async () => {
    await at(both, async (moved) => {
      expect(await answers(moved)).toEqual(told);
      const { requestId, input, answer } = story.grant;
      const size = (await eventsOf(moved.app.ledger)).length;
      expect(await moved.platform.grantConsent(story.resident.caller, requestId, input)).toEqual(answer);
      expect((await eventsOf(moved.app.ledger)).length).toBe(size);
      await (await worldOf(moved)).shown();
      expect(await verdictOn(moved)).toMatchObject(CLEAN);
    });
  });
});

describe('what is written on EventStoreDB', () => {
  it('comes back, events whose instants go back between streams too', async () => {
    const late = await at(both, async (second) => {
      const ahead = { timing: { timeExpression: "clock_timestamp() + interval '8 seconds'" } };
      const { consentId } = story;
      await at(
        both,
        async ({ platform }) => value(await platform.revokeConsent(story.resident.caller, newRequest(), { consentId })),
        ahead,
      );
      const world = await worldOf(second);
      await world.resident('Later');
      await world.shown();
      return eventsOf(second.app.ledger);
    });
    expect(late.some(({ time }, i) => time < (late[i - 1]?.time ?? ''))).toBe(true);
    const copied = await copy(both, 'eventstore');
    expect(copied).toMatchObject({ events: countOf(late), copied: countOf(late) - countOf(before) });
    expect(toBase64Url(copied.root)).toBe(rootOf(late));
    const back = await at(onPostgres, ({ app }) => eventsOf(app.ledger));
    expect(back.slice(0, late.length).map(withoutPlace)).toEqual(late.map(withoutPlace));
  });

  it('is obeyed there, and the ledger goes on', async () => {
    await at(onPostgres, async (back) => {
      const world = await worldOf(back);
      const { consentId: other } = value(
        await back.platform.grantConsent(story.resident.caller, story.grant.requestId, story.grant.input),
      );
      expect(await open(back, story)).toMatchObject({ kind: 'done' });
      value(await back.platform.revokeConsent(story.resident.caller, newRequest(), { consentId: other }));
      expect(await open(back, story)).toEqual({ kind: 'refusal', code: 'not-available' });
      await world.shown();
      expect(await verdictOn(back)).toMatchObject(CLEAN);
    });
  });

  it('is moved once more by what came since alone, beside a process that has not ended', async () => {
    const now = await at(onPostgres, ({ app }) => eventsOf(app.ledger));
    await at(onPostgres, async (left) => {
      const copied = await copy(both, 'postgres');
      expect(copied.events).toBe(countOf(now));
      expect(copied.copied).toBeLessThan(copied.events / 2n);
      await expect(open(left, story)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:ledger-unavailable|busy)$/),
      });
      await at(both, async (moved) => {
        expect(await open(moved, story)).toEqual({ kind: 'refusal', code: 'not-available' });
        await (await worldOf(moved)).shown();
        expect(await verdictOn(moved)).toMatchObject(CLEAN);
      });
      await expect(open(left, story)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:ledger-unavailable|busy)$/),
      });
    });
  });
});
