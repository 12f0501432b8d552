import type { AnyEvent } from '../../domain/catalogue.ts';
import { CATALOGUE } from '../../domain/catalogue.ts';
import type { CommonRetained } from '../../kernel/event.ts';
import { type EventId, type Id16, kindOf, type StreamName } from '../../kernel/id.ts';
import type { Suite } from '../../kernel/suite.ts';
import { type DecidedEvent, type DecidedRow, isMalformed, type Share, type StoredLedger } from '../../ledger/stored.ts';
import type { SealedRef } from '../../vault/port.ts';
import { checkCondition } from '../check-condition.ts';
import { lateEvents } from '../late.ts';
import { cutShort, type OpenAppend, placeInAppend, stillOpen } from '../open-append.ts';
import { type Openers, openRetainedParts, type Retained } from '../open-parts.ts';
import { NOTHING } from '../stream-seen.ts';
import type { Known } from './append.ts';
import { type Difference, differenceAt, type Flaw, type Placed } from './difference.ts';
import { judge } from './judge.ts';
import { NOT_RECOMPUTED, type NotRecomputed } from './not-recomputed.ts';
import { replayStates } from './states.ts';

/** What replay stands on: events, keys that open retained parts, and what a command's id derives. */
export interface ReplayDeps extends Pick<Openers, 'openRetained'> {
  readonly stored: StoredLedger;
  readonly suite: Suite;
  readonly derivedId: (event: EventId, what: string) => Id16;
}

export interface ReplayOptions {
  /** Decides for this share of the residents only; the first share decides for all other streams too. Absent: for everybody. */
  readonly share?: Share;
  /** Told how many events were read, and how many there are. */
  readonly onProgress?: (events: bigint, of: bigint | undefined) => void;
}

export interface Replayed {
  readonly events: bigint;
  /** Appends that were decided anew; each is one decision, whatever the number of its events. */
  readonly decisions: number;
  readonly byType: Readonly<Record<string, number>>;
  /** Events whose retained part has ended with its class and year: lawful, and past recomputing. */
  readonly expired: number;
  readonly streams: number;
  /** Appends behind something newer than their decision knew, on an engine where that can be: they are not decided anew. */
  readonly late?: number;
  /** Those of them that no mark names. */
  readonly unmarked?: number;
  /** All that were found; the first of them in `differences`. */
  readonly found: number;
  readonly differences: readonly Difference[];
  readonly notRecomputed: readonly { readonly what: NotRecomputed; readonly decisions: number; readonly why: string }[];
}

/** More are counted and not kept: whoever has so many looks at the first ones. */
export const KEPT = 100;

/**
 * Decides everything again: reads the ledger in its order, folds the states that each decision saw, lets the deciders decide, and
 * compares. A recorded event stays a fact for what comes after it, whether or not it should stand there, so one wrong decision is one
 * difference. Opens retained parts only. Memory grows with streams, records and consents, not with accesses.
 * Throws `ledger-unavailable`, `vault-unavailable`, `wrong-keyring`.
 */
export async function replayLedger(deps: ReplayDeps, { share, onProgress }: ReplayOptions = {}): Promise<Replayed> {
  const { stored, suite, derivedId } = deps;
  const states = replayStates();
  const differences: Difference[] = [];
  const notes = new Map<NotRecomputed, number>();
  const byType = new Map<string, number>();
  let [events, decisions, expired, found] = [0n, 0, 0, 0];
  const late = lateEvents();
  /** Whether the append that is being gathered stands behind something newer in another stream. */
  let overtaken = false;
  let open: OpenAppend | undefined;
  let gathered: { readonly event: DecidedEvent; readonly known: Known }[] = [];

  /** Streams that are nobody's share are judged by the first one, and known to all: decisions on residents rest on them. */
  const isMine = (stream: StreamName): boolean =>
    share === undefined || share.at === 0 || kindOf(stream) === 'resident';

  function differ(event: Placed, flaw: Flaw): void {
    found += 1;
    if (differences.length < KEPT) differences.push(differenceAt(event, flaw));
  }

  /** What was gathered is the past without being decided anew. */
  function undecided(): void {
    for (const { known } of gathered) states.take(known as AnyEvent);
    gathered = [];
    overtaken = false;
  }

  /** The append that was gathered is decided anew, and then it is the past. */
  function settle(base: OpenAppend['base']): void {
    const [first, ...more] = gathered;
    if (first === undefined) return;
    if (overtaken) {
      // It was decided on what stood a little earlier in another stream. That is known to be so no more, and nothing was opened on it.
      late.overtaken(first.event.id);
      undecided();
      return;
    }
    const { by, decided, notAfter, seen } = first.known.retained;
    const append = {
      stream: first.event.stream,
      events: [first.known, ...more.map(({ known }) => known)] as const,
      before: base.revision,
      ...{ by, decided, notAfter, seen },
    };
    const noted = new Set<NotRecomputed>();
    const note = (what: NotRecomputed): void => void noted.add(what);
    const { length } = gathered;
    let taken = 0;
    const take = (count: number): void => {
      for (; taken < count; taken++) states.take(append.events[taken] as unknown as AnyEvent);
    };
    const flaws = judge({ append, states, suite, identity: stored.identity, derivedId, take, note });
    for (const flaw of flaws) differ((gathered[flaw.at ?? 0] ?? first).event, flaw);
    for (const what of noted) notes.set(what, (notes.get(what) ?? 0) + 1);
    decisions += 1;
    byType.set(first.event.type, (byType.get(first.event.type) ?? 0) + 1);
    take(length);
    gathered = [];
  }

  function take(event: DecidedEvent, retained: Retained | 'expired' | Error): void {
    events += 1n;
    if (retained instanceof Error || !CATALOGUE.has(event.type)) {
      const recorded = CATALOGUE.has(event.type) ? 'a part that does not open' : 'a type that is not in the catalogue';
      differ(event, { kind: 'unreadable', recorded, follows: 'npm run fsck names why' });
      settleCut();
      past(event);
      return;
    }
    let placed = placeInAppend(open, event, retained, states.stood(event.stream));
    if (typeof placed === 'string' && open !== undefined) {
      settleCut();
      placed = placeInAppend(undefined, event, retained, states.stood(event.stream));
    }
    if (typeof placed === 'string') {
      differ(event, { kind: 'append', recorded: placed, follows: 'a whole append' });
      past(event);
      return;
    }
    open = stillOpen(placed);
    if (retained === 'expired') {
      expired += 1;
      past(event);
      return;
    }
    const broken = checkCondition(
      event,
      retained,
      placed.base,
      (stream) => states.stood(stream) ?? NOTHING,
      stored.overtakes?.(event.position) === true ? () => (overtaken = true) : undefined,
    );
    if (broken !== undefined && placed.at === 0) {
      differ(event, { kind: 'condition', recorded: broken.detail, follows: 'a condition that holds' });
    }
    late.take(event.type, retained);
    gathered.push({ event, known: pastEvent(event, retained) as Known });
    if (open === undefined) settle(placed.base);
  }

  /** An event that cannot be judged, and with it the append that it belongs to; they are facts all the same. */
  function past(event: DecidedEvent): void {
    undecided();
    if (CATALOGUE.has(event.type)) states.take(pastEvent(event, 'expired') as AnyEvent);
  }

  /** What was gathered of an append of which no more comes: its events are facts, and none of them is a decision. */
  function settleCut(): void {
    const [first] = gathered;
    if (first !== undefined && open !== undefined) {
      differ(first.event, { kind: 'append', recorded: cutShort(open), follows: 'a whole append' });
    }
    undecided();
    open = undefined;
  }

  async function readPage(page: readonly DecidedRow[]): Promise<void> {
    const rows = page.filter((row) => !isMalformed(row)) as readonly DecidedEvent[];
    const wanted = rows.filter((event) => isMine(event.stream) || isFolded(event.type));
    const opened = await openRetainedParts(deps, wanted.map(refOf));
    const retained = new Map(wanted.map((event, i) => [event, opened[i]]));
    for (const event of rows) {
      const part = retained.get(event) ?? new Error('no answer');
      if (isMine(event.stream)) take(event, part);
      else states.take(pastEvent(event, part instanceof Error ? 'expired' : part) as AnyEvent);
    }
    for (const row of page) {
      if (!isMalformed(row)) continue;
      const { position = '', stream = '', revision = '', event = '' } = row;
      if (share !== undefined && share.at > 0 && !stream.startsWith('resident/')) continue;
      found += 1;
      const where = { position, stream, revision, event, type: '' };
      const why = { recorded: 'a row that holds no event', follows: 'npm run fsck names why' };
      if (differences.length < KEPT) differences.push({ kind: 'unreadable', ...where, ...why });
    }
  }

  await stored.asOfNow(async ({ decided, end }) => {
    for await (const page of decided(share)) {
      await readPage(page);
      onProgress?.(events, end?.size);
    }
  });
  settleCut();

  return {
    events,
    decisions,
    byType: Object.fromEntries([...byType].sort(([a], [b]) => (a < b ? -1 : 1))),
    expired,
    streams: states.streams,
    ...(late.count.late === 0 ? {} : late.count),
    found,
    differences,
    notRecomputed: [...notes].map(([what, count]) => ({ what, decisions: count, why: NOT_RECOMPUTED[what] })),
  };
}

/** Accesses leave nothing in any state. */
const isFolded = (type: string): boolean => !type.startsWith('access.');

const refOf = ({ stream, id, type, commitment, retained }: DecidedEvent): SealedRef => ({
  stream,
  id,
  type,
  commitment,
  part: retained,
});

function pastEvent(event: DecidedEvent, retained: (CommonRetained & Record<string, unknown>) | 'expired') {
  const { type, id, stream, revision, time } = event;
  return { type, id, stream, revision, time, retained };
}
