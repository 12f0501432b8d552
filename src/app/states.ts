import type { Fold } from '../domain/decider.ts';
import { type Bytes, equalBytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Ledger, Position, Tail } from '../ledger/port.ts';
import type { Snapshots } from '../vault/port.ts';
import { hasKind } from './kinds.ts';
import type { OpenRetained } from './past-event.ts';
import { toPastEvents } from './past-event.ts';

// biome-ignore lint/suspicious/noExplicitAny: a fold's state and event are known to its caller only
export type AnyFold = Fold<any, any>;
type StateOf<F> = F extends Fold<infer S, never> ? S : F extends Fold<infer S, infer _E> ? S : never;

/** The state of one stream under several folds, as of `revision` (-1n: the stream is empty). */
export interface Loaded<Folds extends Record<string, AnyFold>> {
  readonly stream: StreamName;
  readonly revision: bigint;
  readonly state: { readonly [K in keyof Folds]: StateOf<Folds[K]> };
  /** Where in the ledger the last event stands that each fold read; absent when it read none. */
  readonly positions: { readonly [K in keyof Folds]?: Position };
}

/** A stream and the folds that are wanted of it. */
export interface Wanted<Folds extends Record<string, AnyFold> = Record<string, AnyFold>> {
  readonly stream: StreamName;
  readonly folds: Folds;
}

export interface StateLoader {
  /** `trace` is for the log: the X-Request-Id of the request that asks. */
  load<Folds extends Record<string, AnyFold>>(stream: StreamName, folds: Folds, trace?: string): Promise<Loaded<Folds>>;
  /** The same for several streams, in their order and in one round trip to the ledger: what one decision turns on. */
  loadAll<const Wants extends readonly Wanted[]>(
    wants: Wants,
    trace?: string,
  ): Promise<{ readonly [I in keyof Wants]: Loaded<Wants[I]['folds']> }>;
  /** Resolves when no snapshot is being written, so that the pool may be ended. */
  settled(): Promise<void>;
}

interface Entry {
  readonly revision: bigint;
  readonly head: Bytes | undefined;
  readonly state: unknown;
  readonly position: Position | undefined;
  /** Events read since the newest stored snapshot that we know of. */
  readonly unsaved: number;
}

/** Folds of one stream that stand at one revision, and so read one tail. */
interface Group {
  /** Which of the wants. */
  readonly want: number;
  readonly stream: StreamName;
  readonly folds: readonly AnyFold[];
  readonly entries: readonly Entry[];
}

/** A snapshot's content: the fold's state and the position of the last event that it read ('' for none). */
interface Kept {
  readonly state: unknown;
  readonly position: string;
}

/** States of so many pairs of stream and fold stay in memory, as of 20,000 residents; each is checked against its stream's chain on every load. */
const MAX_ENTRIES = 100_000;
/** A snapshot is written once so many events were read behind the last one. Accesses are not: no fold reads them. */
const SNAPSHOT_EVERY = 64;

/**
 * State = snapshot plus the tail after it (ledger.md §2). A cached or stored state names the chain head at its revision; when the
 * stream shows another head there, the state is dropped, reported, and folded from revision 0.
 */
export function stateLoader(deps: {
  readonly ledger: Ledger;
  readonly snapshots: Snapshots;
  readonly openRetained: OpenRetained;
  readonly clock: Clock;
  readonly report: (
    what: 'snapshot-mismatch' | 'snapshot-not-saved',
    said: { readonly fold: string; readonly trace: string | undefined; readonly error?: unknown },
  ) => void;
}): StateLoader {
  const known = new Map<string, Entry>();
  /** Snapshots that are being written; nobody waits for them but `settled`. */
  const saving = new Set<Promise<void>>();

  const remember = (key: string, entry: Entry): void => {
    known.delete(key);
    known.set(key, entry);
    if (known.size > MAX_ENTRIES) known.delete(known.keys().next().value as string);
  };

  /** A process that has not heard that the ledger was moved may still save where the engine before had it. */
  const placeOf = (kept: string): Position | undefined | 'elsewhere' => {
    try {
      return kept === '' ? undefined : deps.ledger.parsePosition(kept);
    } catch (error) {
      if (error instanceof Malformed) return 'elsewhere';
      throw error;
    }
  };

  /** What is in memory, else in a snapshot, else nothing yet: one answer a fold. */
  const start = async (wants: readonly Wanted[]): Promise<Entry[][]> => {
    const missing = wants.flatMap(({ stream, folds }) =>
      Object.values(folds).flatMap((fold) => (known.has(keyOf(stream, fold)) ? [] : [{ stream, fold }])),
    );
    const snapshots = missing.length === 0 ? [] : await deps.snapshots.load(missing);
    const found = new Map(
      missing.map(({ stream, fold }, i) => {
        const snapshot = snapshots[i];
        if (snapshot === undefined) return [keyOf(stream, fold), nothing(fold)];
        const { revision, head } = snapshot;
        const { state, position } = snapshot.state as Kept;
        const place = placeOf(position);
        // Without a head it is taken for a state of another stream, and dropped.
        const at = place === 'elsewhere' ? { head: undefined, position: undefined } : { head, position: place };
        return [keyOf(stream, fold), { revision, state, unsaved: 0, ...at }];
      }),
    );
    return wants.map(({ stream, folds }) =>
      Object.values(folds).map((fold) => {
        const key = keyOf(stream, fold);
        return known.get(key) ?? found.get(key) ?? nothing(fold);
      }),
    );
  };

  /** One entry a fold of each group, as of the streams' tips; `undefined` where a state is of another stream than the one that stands. */
  const foldTails = async (groups: readonly Group[]): Promise<(Entry[] | undefined)[]> => {
    const tails = await deps.ledger.readTails(
      groups.map(({ stream, folds, entries }) => ({
        stream,
        after: entries[0]?.revision ?? -1n,
        kinds: [...new Set(folds.flatMap(({ kinds }) => kinds))],
      })),
    );
    const past = await toPastEvents(
      tails.flatMap(({ events }) => events),
      deps.openRetained,
    );
    let at = 0;
    return groups.map(({ folds, entries }, g) => {
      const { tip, known: knownHead, events } = tails[g] as Tail;
      const own = past.slice(at, at + events.length);
      at += events.length;
      if (tip !== undefined) deps.clock.observe(tip.time);
      const stands = entries.every(
        ({ revision, head }) =>
          revision < 0n || (knownHead !== undefined && head !== undefined && equalBytes(head, knownHead)),
      );
      if (!stands) return undefined;
      return folds.map((fold, i) => {
        let { state, position, unsaved } = entries[i] as Entry;
        own.forEach((event, n) => {
          if (!hasKind(fold.kinds, event.type)) return;
          state = fold.evolve(state, event);
          position = events[n]?.position;
        });
        unsaved += events.length;
        return { revision: tip?.revision ?? -1n, head: tip?.head, state, position, unsaved };
      });
    });
  };

  const saveIfDue = (stream: StreamName, fold: AnyFold, entry: Entry, trace: string | undefined): Entry => {
    const { revision, head, state, position } = entry;
    if (head === undefined || entry.unsaved < SNAPSHOT_EVERY) return entry;
    const save: Promise<void> = deps.snapshots
      .save({ stream, fold, revision, head, state: { state, position: position ?? '' } satisfies Kept })
      .catch((error: unknown) => deps.report('snapshot-not-saved', { fold: fold.name, trace, error }))
      .finally(() => saving.delete(save));
    saving.add(save);
    return { ...entry, unsaved: 0 };
  };

  const loadAll = async (wants: readonly Wanted[], trace?: string): Promise<Loaded<Record<string, AnyFold>>[]> => {
    const groups = (await start(wants)).flatMap((entries, want) => groupsOf(want, wants[want] as Wanted, entries));
    const folded = await foldTails(groups);
    const broken = new Set(groups.flatMap(({ want }, g) => (folded[g] === undefined ? [want] : [])));
    if (broken.size > 0) {
      // Of another ledger (a restored backup), or somebody's hand: the whole stream is folded anew.
      const dropped: Promise<void>[] = [];
      const anew = [...broken].map((want): Group => {
        const { stream, folds } = wants[want] as Wanted;
        const list = Object.values(folds);
        deps.report('snapshot-mismatch', { fold: list.map(({ name }) => name).join(','), trace });
        for (const fold of list) dropped.push(deps.snapshots.drop(stream, fold));
        return { want, stream, folds: list, entries: list.map(nothing) };
      });
      const kept = groups
        .map((group, g) => ({ group, entries: folded[g] }))
        .filter(({ group }) => !broken.has(group.want));
      const again = await foldTails(anew);
      // Before a new one is saved. One that stays costs the next process the same again, and nothing else.
      await Promise.allSettled(dropped);
      groups.splice(0, groups.length, ...kept.map(({ group }) => group), ...anew);
      folded.splice(0, folded.length, ...kept.map(({ entries }) => entries), ...again);
    }
    const loaded = wants.map(({ stream }) => ({
      stream,
      revision: -1n,
      states: new Map<AnyFold, Entry>(),
    }));
    groups.forEach(({ want, stream, folds }, g) => {
      const of = loaded[want] as (typeof loaded)[number];
      folds.forEach((fold, i) => {
        const entry = saveIfDue(stream, fold, folded[g]?.[i] as Entry, trace);
        remember(keyOf(stream, fold), entry);
        of.states.set(fold, entry);
        of.revision = entry.revision;
      });
    });
    return loaded.map(({ stream, revision, states }, want) => {
      const names = Object.entries((wants[want] as Wanted).folds).map(
        ([name, fold]) => [name, states.get(fold) as Entry] as const,
      );
      return {
        stream,
        revision,
        state: Object.fromEntries(names.map(([name, { state }]) => [name, state])),
        positions: Object.fromEntries(
          names.flatMap(([name, { position }]) => (position === undefined ? [] : [[name, position]])),
        ),
      };
    });
  };

  return {
    load: async (stream, folds, trace) => (await loadAll([{ stream, folds }], trace))[0] as never,
    loadAll: async (wants, trace) => (await loadAll(wants, trace)) as never,
    async settled() {
      await Promise.all(saving);
    },
  };
}

const nothing = (fold: AnyFold): Entry => ({
  revision: -1n,
  head: undefined,
  state: fold.initialState,
  position: undefined,
  unsaved: 0,
});

function groupsOf(want: number, { stream, folds }: Wanted, entries: readonly Entry[]): Group[] {
  const byRevision = new Map<bigint, { folds: AnyFold[]; entries: Entry[] }>();
  Object.values(folds).forEach((fold, i) => {
    const entry = entries[i] as Entry;
    const group = byRevision.get(entry.revision) ?? { folds: [], entries: [] };
    byRevision.set(entry.revision, group);
    group.folds.push(fold);
    group.entries.push(entry);
  });
  return [...byRevision.values()].map((group) => ({ want, stream, ...group }));
}

function keyOf(stream: StreamName, fold: AnyFold): string {
  return `${fold.name}@${fold.version} ${stream}`;
}
