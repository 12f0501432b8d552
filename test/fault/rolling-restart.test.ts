import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPastEvents } from '../../src/app/past-event.ts';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import type { AnyEvent } from '../../src/domain/catalogue.ts';
import { only, page, type Reply } from '../support/api.ts';
import { type ApiProcesses, apiProcesses } from '../support/api-processes.ts';
import { type Balancer, balancer, Lost } from '../support/balancer.ts';
import { type Cast, castOf, type Doctor, RECORDS, type Resident } from '../support/cast.ts';
import { CLEAN, verdictOn } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

const PROCESSES = 3;
const CALLERS = 8;

let node: TestNode;
let api: ApiProcesses;
let front: Balancer;
let cast: Cast;
let doctor: Doctor;
let resident: Resident;

beforeAll(async () => {
  // It projects nothing: that is for the processes to do, whichever of them is there.
  node = await openTestNode({ project: false });
  api = await apiProcesses(node, PROCESSES);
  front = balancer(api.urls);
  const { keyring, app } = node;
  cast = await castOf({
    node,
    mint: (token) => mintDevelopmentToken(keyring.developmentToken, { minutes: 30, ...token }, app.clock),
    post: front.post,
  });
  doctor = await cast.doctor(await cast.hospital());
  resident = await cast.resident();
  await cast.record(doctor, resident);
}, 180_000);
afterAll(async () => {
  front?.close();
  await api?.close();
  await node?.close();
});

interface Sent {
  readonly requestId: string;
  /** Undefined while nobody has answered. */
  answer: string | undefined;
}

/** Callers that read and write without end, until told; what they wrote, and under which events they were shown something. */
function load(name: string) {
  const commands: Sent[] = [];
  const reads: string[] = [];
  /** Whatever is neither an answer nor "send the same again". */
  const failed: string[] = [];
  let lost = 0;
  let over = false;
  const command = (sent: Sent): Promise<Reply> => {
    const input = { identifiers: [{ system: 'urn:uscc', number: sent.requestId }], name: 'Hospital' };
    return cast.tell(cast.regulator, 'registerInstitution', input, sent.requestId);
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof Lost) lost++;
      else failed.push(String(error));
    }
  };
  const write = (requestId: string): Promise<void> => {
    const sent: Sent = { requestId, answer: undefined };
    commands.push(sent);
    return attempt(async () => {
      const reply = await command(sent);
      if (only(reply).__typename !== 'PartyRef') throw new Error(reply.text);
      sent.answer = reply.text;
    });
  };
  const read = (): Promise<void> =>
    attempt(async () => {
      const shown = only(await front.post(doctor.token, RECORDS, { code: resident.code }));
      expect(page(shown).edges).toHaveLength(1);
      reads.push(shown.event as string);
    });
  const caller = async (at: number): Promise<void> => {
    for (let n = 0; !over; n++) {
      await (n % 2 === 0 ? read() : write(`${name}-${at}-${n}`));
      await sleep(25);
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, (_, at) => caller(at)));
  return {
    commands,
    reads,
    failed,
    command,
    lost: () => lost,
    end: async (): Promise<void> => {
      over = true;
      await callers;
    },
  };
}
type Load = ReturnType<typeof load>;

async function everything(): Promise<readonly AnyEvent[]> {
  const recorded = [];
  for await (const event of node.app.ledger.readAll()) recorded.push(event);
  return toPastEvents(recorded, node.app.openRetained);
}

/** How often each command's organisation was registered, by its requestId, which is its number too. */
function registered(events: readonly AnyEvent[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'institution.registered@1' || event.retained === 'expired') continue;
    for (const { number } of event.retained.identifiers) times.set(number, (times.get(number) ?? 0) + 1);
  }
  return times;
}

/** What was acknowledged stands once, and every answer with records has its event; sent again, each command answers as it did. */
async function expectKept({ commands, reads, command }: Load): Promise<void> {
  const before = await everything();
  const permits = new Set(before.filter(({ type }) => type === 'access.permitted@1').map(({ id }) => id as string));
  expect(reads.filter((event) => !permits.has(event))).toEqual([]);
  expect(new Set(reads).size).toBe(reads.length);
  const stood = registered(before);
  for (const { requestId, answer } of commands) {
    if (answer !== undefined) expect([requestId, stood.get(requestId)]).toEqual([requestId, 1]);
  }
  for (const sent of commands) {
    const again = await command(sent);
    expect(only(again).__typename).toBe('PartyRef');
    if (sent.answer !== undefined) expect(again.text).toBe(sent.answer);
  }
  const stands = registered(await everything());
  for (const { requestId } of commands) expect([requestId, stands.get(requestId)]).toEqual([requestId, 1]);
  expect(await verdictOn(node)).toMatchObject(CLEAN);
}

describe(`${PROCESSES} API processes over one database, under load`, () => {
  it('began at one moment in an empty ledger, and have opened it once', async () => {
    const types = (await everything()).map(({ type }) => type);
    for (const type of ['ledger.opened@1', 'ledger.policy-adopted@1'])
      expect(types.filter((one) => one === type)).toHaveLength(1);
  });

  it('are restarted one after the other: no request fails that was not told to be sent again', async () => {
    const running = load('rolling');
    await sleep(500);
    for (let place = 0; place < PROCESSES; place++) {
      const { code, stderr } = await api.stop(place);
      expect(code, stderr).toBe(0);
      const [reads, writes] = [running.reads.length, running.commands.length];
      await api.start(place);
      // The others have gone on meanwhile.
      expect(running.reads.length).toBeGreaterThan(reads);
      expect(running.commands.length).toBeGreaterThan(writes);
    }
    await sleep(500);
    await running.end();
    expect(running.failed).toEqual([]);
    expect(front.told.lost).toBe(0);
    expect([...front.told.retry.keys()]).toEqual(['BUSY']);
    expect(running.commands.filter(({ answer }) => answer === undefined)).toEqual([]);
    await expectKept(running);
  }, 240_000);

  it('one is killed: what it had not answered is answered by another under the same requestId, once', async () => {
    const running = load('killed');
    await sleep(500);
    // Held still for a moment, so that there is something that it has not answered.
    api.at(1)?.child.kill('SIGSTOP');
    await sleep(300);
    await api.kill(1);
    await sleep(500);
    await running.end();
    expect(running.failed).toEqual([]);
    expect(running.lost()).toBeGreaterThan(0);
    await expectKept(running);
  }, 240_000);
});
