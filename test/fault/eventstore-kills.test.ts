import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import type { EventId } from '../../src/kernel/id.ts';
import { openEventStoreLedger } from '../../src/ledger/eventstore/eventstore-ledger.ts';
import { AppendConflict, AppendOvertaken, AppendUnknown, LedgerUnavailable } from '../../src/ledger/faults.ts';
import type { Ledger, Written } from '../../src/ledger/port.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { startEventStoreProcess } from '../support/eventstore/server-process.ts';
import type { RunningEventStore } from '../support/eventstore/start.ts';
import { TEST_IDENTITY } from '../support/postgres-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { machineClock, seededEntropy } from '../support/seeded.ts';
import { SIZES } from '../support/sizes.ts';
import { verifyLedger } from '../support/verify-ledger.ts';
import { expectKept, startWriter, type WriterProcess } from './postgres-writer-process.ts';

const APPENDS = SIZES.killAppends;
const KILLS = APPENDS / 100;
const CALLERS = 16;
const PREFIX = 'killed:';

let folder: string;
let server: RunningEventStore;
let database: FreshDatabase;
const opened: Ledger[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-eventstore-kill-'));
  [server, database] = await Promise.all([startEventStoreProcess({ folder, ports: [0] }), freshDatabase()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((ledger) => ledger.close()));
  await Promise.all([server.close(), database.drop()]);
  await rm(folder, { recursive: true, force: true });
});

const connectionString = (): string => `esdb://127.0.0.1:${server.ports[0]}?tls=false`;

async function open(seed: string): Promise<Ledger> {
  const ledger = await openEventStoreLedger(database.sql, {
    identity: TEST_IDENTITY,
    suite,
    entropy: seededEntropy(seed),
    connectionString: connectionString(),
    prefix: PREFIX,
    clock: machineClock,
    // A place in doubt is asked for again soon after the server is back.
    callTimeoutMs: 1_500,
    settleMs: 20_000,
  });
  opened.push(ledger);
  return ledger;
}

describe(`${KILLS} kills -9 of the server during ${APPENDS} appends at ${CALLERS} callers`, () => {
  it('lose nothing that was acknowledged, double nothing, and leave no part of an append', async () => {
    const ledger = await open('killed server');
    const make = sealedEvents(seededEntropy('killed server'));
    const streams = Array.from({ length: 20 }, () => make.stream());
    const written: Written[] = [];
    const unknown: EventId[][] = [];
    const refused: EventId[][] = [];
    let [next, done] = [0, 0];

    const append = async (n: number): Promise<void> => {
      const events = make.events(1 + (n % 4));
      const ids = events.map(({ id }) => id);
      try {
        const decided = decidedAt(machineClock.now());
        written.push(await ledger.append(streams[n % streams.length] ?? make.stream(), events, decided));
      } catch (error) {
        if (error instanceof AppendOvertaken) written.push(error.written);
        else if (error instanceof AppendUnknown) unknown.push(ids);
        else if (error instanceof AppendConflict || error instanceof LedgerUnavailable) refused.push(ids);
        else throw error;
      }
      done += 1;
    };
    const callers = Array.from({ length: CALLERS }, async () => {
      while (next < APPENDS) await append(next++);
    });
    const killer = (async () => {
      for (let kill = 1; kill <= KILLS; kill++) {
        while (done < (kill * APPENDS) / (KILLS + 1)) await sleep(1);
        await server.faults.crash();
        await server.faults.restart();
      }
    })();
    await Promise.all([...callers, killer]);

    const { byId, events } = await verifyLedger(await open('verifier'), suite, 'stream');
    for (const { events: told } of written) {
      for (const { id, leafHash, revision, position } of told) {
        const stored = byId.get(id);
        expect([stored?.revision, stored?.position]).toEqual([revision, position]);
        expect(toHex(stored?.leafHash ?? new Uint8Array(0))).toBe(toHex(leafHash));
      }
    }
    for (const ids of unknown) expect(new Set(ids.map((id) => byId.has(id))).size).toBe(1);
    for (const ids of refused) expect(ids.some((id) => byId.has(id))).toBe(false);
    const known = new Set([...written.flatMap((each) => each.events.map(({ id }) => id)), ...unknown.flat()]);
    expect(events.filter(({ id }) => !known.has(id))).toEqual([]);
    expect(written.length).toBeGreaterThan(APPENDS / 2);
  });
});

describe(`a kill -9 of the appending process during ${APPENDS} appends`, () => {
  it('loses nothing that was acknowledged, and leaves no part of an append', async () => {
    const writers: WriterProcess[] = [];
    for (const part of [0.1, 0.4]) {
      const writer = startWriter({
        url: database.url,
        origin: TEST_IDENTITY.origin,
        seed: `killed ${part}`,
        appends: APPENDS,
        callers: CALLERS,
        eventstore: { connectionString: connectionString(), prefix: PREFIX },
      });
      writers.push(writer);
      const ended = writer.ended.then(() => 'ended');
      while (writer.acknowledged.size < part * 2.5 * APPENDS) {
        if ((await Promise.race([ended, sleep(5)])) === 'ended') throw new Error('the writer ended too early');
      }
      process.kill(writer.pid, 'SIGKILL');
      expect(await writer.ended).toBeNull();
      // What the server had taken is written after its sender is gone.
      await sleep(500);
      expectKept(await verifyLedger(await open(`verifier ${part}`), suite, 'stream'), writers);
    }
  });
});
