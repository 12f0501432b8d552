import { expect } from 'vitest';
import { toPastEvents } from '../../src/app/past-event.ts';
import type { AnyEvent } from '../../src/domain/catalogue.ts';
import type { StreamName } from '../../src/kernel/id.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import type { Doctor, Resident } from '../support/people.ts';
import type { TestNode } from '../support/test-node.ts';
import type { Read, Reading, Round } from './reading.ts';

/** Processes full of readers, over one test node's database. */
export interface Readers {
  /**
   * All read this resident. Once each has been permitted, `end` runs; then each reads on until it is refused. Answers the events under
   * which records were handed out, of all processes.
   */
  against(doctor: Doctor, resident: Resident, end: () => Promise<void>): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function readersOf(node: TestNode, processes: number, readers: number): Promise<Readers> {
  const each: { readonly process: NodeProcess; next(): Promise<Read> }[] = Array.from({ length: processes }, () => {
    const process = startNodeProcess('fault/reading.ts', node.config, {
      readers: readers / processes,
    } satisfies Reading);
    const said = process.lines[Symbol.asyncIterator]();
    return { process, next: async () => (await said.next()).value as Read };
  });
  for (const { next } of each) expect(await next()).toEqual({ kind: 'ready' });
  const told = async () => Promise.all(each.map(({ next }) => next()));
  let reading = false;
  return {
    against: async ({ caller }, { code }, end) => {
      reading = true;
      for (const { process } of each) process.tell({ caller, code } satisfies Round);
      // Refused already would mean that a process has not seen what permits it.
      for (const one of await told()) expect(one.kind).toBe('permitted');
      await end();
      const served = (await told()).flatMap((one) => {
        expect(one.kind).toBe('refused');
        return one.kind === 'refused' ? one.served : [];
      });
      reading = false;
      return served;
    },
    close: async () => {
      for (const { process } of each) {
        // Readers of a round that failed would read for ever.
        if (reading) process.child.kill('SIGKILL');
        else process.tell(null satisfies Round);
      }
      for (const { process } of each) expect(await process.ended).toBe(reading ? null : 0);
    },
  };
}

/** What came behind a position, in the ledger's order, with the retained parts opened. */
export async function eventsBehind(node: TestNode, position: Awaited<ReturnType<TestNode['app']['ledger']['end']>>) {
  const recorded = [];
  for await (const event of node.app.ledger.readAll(position)) recorded.push(event);
  return toPastEvents(recorded, node.app.openRetained);
}

type Permit = Extract<AnyEvent, { type: 'access.permitted@1' }>;
type Denial = Extract<AnyEvent, { type: 'access.denied@1' }>;
type Told<E extends AnyEvent> = Exclude<E['retained'], 'expired'>;

/** The accesses to one resident on one side of an ending, without those that were withheld. */
export interface Side {
  readonly permits: readonly (Permit & { readonly retained: Told<Permit> })[];
  readonly denials: readonly (Denial & { readonly retained: Told<Denial> })[];
}

/** The events that are said to have been withheld: nothing was opened under them, and their callers were decided for anew. */
const withheldIn = (events: readonly AnyEvent[]): ReadonlySet<string> =>
  new Set(
    events.flatMap((event) =>
      event.type === 'access.withheld@1' && event.retained !== 'expired' ? [event.retained.event] : [],
    ),
  );

/** The accesses to the resident, before and behind the one event of that type in the whole ledger's order, and how many were withheld. */
export function sidesOf(events: readonly AnyEvent[], ending: AnyEvent['type'], resident: Resident) {
  const at = events.findIndex(({ type }) => type === ending);
  expect(events.filter(({ type }) => type === ending)).toHaveLength(1);
  const withheld = withheldIn(events);
  const side = (of: readonly AnyEvent[]): Side => {
    const own = of.filter(
      ({ id, stream, retained }) => stream === resident.stream && retained !== 'expired' && !withheld.has(id),
    );
    return {
      permits: own.filter(({ type }) => type === 'access.permitted@1') as unknown as Side['permits'],
      denials: own.filter(({ type }) => type === 'access.denied@1') as unknown as Side['denials'],
    };
  };
  return {
    ended: events[at] as AnyEvent,
    before: side(events.slice(0, at)),
    behind: side(events.slice(at + 1)),
    withheld: withheld.size,
  };
}

/** The revision of a stream that an access was decided on; undefined when it did not look there. */
export function seenOf({ retained }: Side['permits'][number] | Side['denials'][number], stream: StreamName) {
  const seen = retained.seen.find((one) => one.stream === stream);
  return seen === undefined ? undefined : BigInt(seen.revision);
}
