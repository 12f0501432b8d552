import { expect } from 'vitest';
import { toPastEvents } from '../../src/app/past-event.ts';
import type { EventId } from '../../src/kernel/id.ts';
import type { Position, RecordedEvent } from '../../src/ledger/port.ts';
import type { Node } from '../../src/main.ts';
import { append, operationOf, PASSING } from './appending.ts';
import type { Journal, Work } from './workload.ts';

/** Which command, and which of its events, each id is of that the work may have written. */
function idsOf(node: Node, work: Work, count: number): Map<EventId, { readonly n: number; readonly ordinal: number }> {
  const ids = new Map<EventId, { n: number; ordinal: number }>();
  for (let n = 0; n < count; n++) {
    const operation = operationOf(n);
    const { caller } = work.residents[n % work.residents.length] as Work['residents'][number];
    const by = { registerRecord: work.doctor, registerResident: work.office, grantConsent: caller }[operation];
    const { issuer, subject } = by.actor;
    for (const ordinal of [0, 1]) {
      const id = node.app.vault.commandId(
        { issuer, subject, operation, requestId: `${work.name}-append-${n}` },
        ordinal,
      );
      ids.set(id, { n, ordinal });
    }
  }
  return ids;
}

const eventsOf = (n: number): number => (operationOf(n) === 'registerResident' ? 2 : 1);

async function eventsSince(node: Node, since: Position | undefined): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of node.app.ledger.readAll(since)) events.push(event);
  return events;
}

/**
 * What must hold after any fault, seen from a node that the fault did not reach. Of the work that began behind `since`: every
 * acknowledged command stands, as a whole and once; every other one stands so too, or not at all; nothing else was written; each answer
 * with records has the event that says so. Sent again, acknowledged commands are answered as before and the others are done; then
 * every command stands once, and `check` finds the ledger whole.
 */
export async function judge(
  node: Node,
  work: Work,
  journal: Journal,
  since: Position | undefined,
  check: () => Promise<unknown>,
): Promise<void> {
  expect(journal.faults.filter(({ code }) => !PASSING.test(code))).toEqual([]);
  expect([...journal.acknowledged.values()].filter(({ kind }) => kind !== 'done')).toEqual([]);
  expect(journal.refusedReads).toEqual([]);

  const ids = idsOf(node, work, journal.begun);
  const before = standing(await eventsSince(node, since), ids);
  for (let n = 0; n < journal.begun; n++) {
    const found = before.get(n) ?? 0;
    if (journal.acknowledged.has(n)) expect([n, found]).toEqual([n, eventsOf(n)]);
    else expect([n, [0, eventsOf(n)].includes(found)]).toEqual([n, true]);
  }
  await judgeReads(node, journal, since);

  for (let n = 0; n < journal.begun; n++) {
    const again = await sentAgain(node, work, n);
    expect([n, again]).toEqual([n, journal.acknowledged.get(n) ?? { ...again, kind: 'done' }]);
  }
  const after = standing(await eventsSince(node, since), ids);
  expect([...after]).toEqual([...after.keys()].map((n) => [n, eventsOf(n)]));
  expect(after.size).toBe(journal.begun);

  await check();
}

/** Times that a passing fault is taken for an answer of the kind "come again": a pool may still hold connections of a server that was killed. */
const PATIENCE = 10;

async function sentAgain(node: Node, work: Work, n: number): ReturnType<typeof append> {
  for (let tries = 1; ; tries++) {
    try {
      return await append(node.platform, work, n);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (tries >= PATIENCE || !PASSING.test(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * tries));
    }
  }
}

/** How many events of each command stand. An event of nobody's fails, and so does a command whose events do not stand together. */
function standing(events: readonly RecordedEvent[], ids: ReturnType<typeof idsOf>): Map<number, number> {
  const found = new Map<number, number>();
  const strangers: string[] = [];
  events.forEach((event, at) => {
    const command = ids.get(event.id);
    if (command === undefined) {
      if (!event.type.startsWith('access.')) strangers.push(event.type);
      return;
    }
    const { n, ordinal } = command;
    expect([n, ordinal]).toEqual([n, found.get(n) ?? 0]);
    if (ordinal > 0) expect(ids.get((events[at - 1] as RecordedEvent).id)).toEqual({ n, ordinal: ordinal - 1 });
    found.set(n, ordinal + 1);
  });
  expect(strangers).toEqual([]);
  return found;
}

/** Each answer with records has one event of its own, on the stream of whose records they are, that counts so many; no event is without a question. */
async function judgeReads(node: Node, journal: Journal, since: Position | undefined): Promise<void> {
  const accesses = (await eventsSince(node, since)).filter(({ type }) => type.startsWith('access.'));
  expect(accesses.map(({ type }) => type).filter((type) => type !== 'access.permitted@1')).toEqual([]);
  const events = new Map(
    (await toPastEvents(accesses, node.app.openRetained)).map((event) => [event.id as string, event]),
  );
  for (const { event, stream, records } of journal.reads) {
    const permit = events.get(event);
    expect(permit).toMatchObject({ stream, retained: { served: { count: records } } });
    // One event, one answer.
    events.delete(event);
  }
  // What is left was asked for and not answered: "may have been disclosed". A process that was killed could not even count those.
  const unanswered = journal.faults.filter(({ of }) => of === 'read').length + journal.cutOff;
  expect(events.size).toBeLessThanOrEqual(unanswered);
}
