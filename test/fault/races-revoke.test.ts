import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPastEvents } from '../../src/app/past-event.ts';
import type { AnyEvent } from '../../src/domain/catalogue.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import {
  CLEAN,
  type Doctor,
  newRequest,
  type Resident,
  terms,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import type { Read, Reading, Round } from './reading.ts';

let node: TestNode;
let world: World;
let doctor: Doctor;
/** Both processes, and what they say next. */
let processes: { readonly process: NodeProcess; next(): Promise<Read> }[];

beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  doctor = await world.doctor(await world.hospital());
  const task: Reading = { caller: doctor.caller, readers: SIZES.readers / 2 };
  processes = [0, 1].map(() => {
    const process = startNodeProcess('fault/reading.ts', node.config, task);
    const said = process.lines[Symbol.asyncIterator]();
    return { process, next: async () => (await said.next()).value as Read };
  });
  for (const { next } of processes) expect(await next()).toEqual({ kind: 'ready' });
});
afterAll(async () => {
  for (const { process } of processes ?? []) {
    process.tell(null satisfies Round);
    await process.ended;
  }
  await node.close();
});

async function eventsOf(resident: Resident): Promise<AnyEvent[]> {
  const recorded = [];
  for await (const event of node.app.ledger.readStream(resident.stream)) recorded.push(event);
  return toPastEvents(recorded, node.app.openRetained);
}

/** The revision of the resident's stream that an access was decided on. */
function seenBy({ retained }: AnyEvent, resident: Resident): number {
  const seen = retained === 'expired' ? undefined : retained.seen.find(({ stream }) => stream === resident.stream);
  return seen?.revision ?? -1;
}

describe(`${SIZES.readers} readers in two processes against one revocation (${SIZES.revokeRounds} rounds)`, () => {
  it('are permitted before it and refused after it: no permit stands behind it that was decided before', async () => {
    const institution = (doctor.caller.actor as { institution: Doctor['id'] }).institution;
    for (let i = 0; i < SIZES.revokeRounds; i++) {
      const resident = await world.resident();
      const author = await world.doctor(await world.hospital());
      await world.record(author, resident);
      const consentId = await world.grant(resident, terms({ id: institution }));
      await world.shown();

      for (const { process } of processes) process.tell({ code: resident.code } satisfies Round);
      for (const { next } of processes) expect(await next()).toEqual({ kind: 'permitted' });
      value(await node.platform.revokeConsent(resident.caller, newRequest(), { consentId }));
      const told = await Promise.all(processes.map(({ next }) => next()));

      const events = await eventsOf(resident);
      const at = events.findIndex(({ type }) => type === 'consent.revoked@1');
      const revoked = events[at] as AnyEvent;
      const [before, after] = [events.slice(0, at), events.slice(at + 1)];
      const permits = (of: readonly AnyEvent[]) => of.filter(({ type }) => type === 'access.permitted@1');
      expect(permits(before).length).toBeGreaterThanOrEqual(SIZES.readers);
      expect(permits(after).filter((permit) => BigInt(seenBy(permit, resident)) < revoked.revision)).toEqual([]);
      expect(permits(after)).toEqual([]);
      expect(after.filter(({ type }) => type === 'access.denied@1')).toHaveLength(SIZES.readers);
      // What the readers were told is what stands: no permit beyond those, and each was refused once.
      const sum = told.reduce((all, one) => (one.kind === 'refused' ? all + one.permits : all), 0);
      expect(sum).toBe(permits(before).length);
    }
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  }, 600_000);
});
