import type { AnyEvent } from '../domain/catalogue.ts';
import type { Fold } from '../domain/decider.ts';
import { type Bytes, equalBytes } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Ledger, Position, RecordedEvent } from '../ledger/port.ts';
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

export interface StateLoader {
  load<Folds extends Record<string, AnyFold>>(stream: StreamName, folds: Folds): Promise<Loaded<Folds>>;
  /** Resolves when no snapshot is being written, so that the pool may be ended. */
  settled(): Promise<void>;
}

interface Entry {
  revision: bigint;
  head: Bytes | undefined;
  state: unknown;
  position: Position | undefined;
}

/** A snapshot's content: the fold's state and the position of the last event that it read ('' for none). */
interface Kept {
  readonly state: unknown;
  readonly position: string;
}

/** States of this many streams and folds stay in memory; each is checked against the stream's chain head on every load. */
const MAX_ENTRIES = 20_000;
/** A snapshot is written once the tail behind the last one has this many events. */
const SNAPSHOT_EVERY = 64n;
/** Retained parts opened in one vault call while folding a long stream. */
const FOLD_BATCH = 500;

/**
 * State = snapshot plus the tail after it (ledger.md §2). A cached or stored state names the chain head at its revision; when the
 * stream shows another head there, the state is dropped, reported, and folded from revision 0.
 */
export function stateLoader(deps: {
  readonly ledger: Ledger;
  readonly snapshots: Snapshots;
  readonly openRetained: OpenRetained;
  readonly clock: Clock;
  readonly report: (what: 'snapshot-mismatch' | 'snapshot-not-saved', fold: string, error?: unknown) => void;
}): StateLoader {
  const entries = new Map<string, Entry>();
  /** Revision of the newest stored snapshot that we know of. */
  const stored = new Map<string, bigint>();

  /** Snapshots that are being written; nobody waits for them but `settled`. */
  const saving = new Set<Promise<void>>();

  const remember = (key: string, entry: Entry): void => {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value as string);
  };

  const start = async (stream: StreamName, folds: readonly AnyFold[]): Promise<Entry[]> => {
    const missing = folds.filter((fold) => !entries.has(keyOf(stream, fold)));
    const snapshots = missing.length === 0 ? [] : await deps.snapshots.load(missing.map((fold) => ({ stream, fold })));
    const found = new Map(missing.map((fold, i) => [fold, snapshots[i]]));
    return folds.map((fold) => {
      const key = keyOf(stream, fold);
      const snapshot = found.get(fold);
      if (snapshot !== undefined) {
        stored.set(key, snapshot.revision);
        const { state, position } = snapshot.state as Kept;
        return {
          revision: snapshot.revision,
          head: snapshot.head,
          state,
          position: position === '' ? undefined : deps.ledger.parsePosition(position),
        };
      }
      return entries.get(key) ?? { revision: -1n, head: undefined, state: fold.initialState, position: undefined };
    });
  };

  const foldTail = async (
    stream: StreamName,
    folds: readonly AnyFold[],
    entriesNow: readonly Entry[],
  ): Promise<{ entries: Entry[]; mismatch: boolean }> => {
    const states = entriesNow.map((entry) => ({ ...entry }));
    const lowest = states.reduce(
      (low, entry) => (entry.revision < low ? entry.revision : low),
      states[0]?.revision ?? -1n,
    );
    let revision = -1n;
    let head: Bytes | undefined;
    let mismatch = false;
    let batch: RecordedEvent[] = [];
    const flush = async (): Promise<void> => {
      const wanted = batch.filter((event) =>
        folds.some((fold, i) => event.revision > (states[i] as Entry).revision && hasKind(fold.kinds, event.type)),
      );
      const past = await toPastEvents(wanted, deps.openRetained);
      past.forEach((event, at) => {
        folds.forEach((fold, i) => {
          const entry = states[i] as Entry;
          if (event.revision <= entry.revision || !hasKind(fold.kinds, event.type)) return;
          entry.state = fold.evolve(entry.state, event as AnyEvent);
          entry.position = wanted[at]?.position;
        });
      });
      batch = [];
    };
    for await (const event of deps.ledger.readStream(stream, lowest < 0n ? 0n : lowest)) {
      for (const entry of entriesNow) {
        if (entry.revision === event.revision && entry.head !== undefined && !equalBytes(entry.head, event.head))
          mismatch = true;
      }
      if (mismatch) return { entries: [], mismatch };
      revision = event.revision;
      head = event.head;
      deps.clock.observe(event.time);
      batch.push(event);
      if (batch.length >= FOLD_BATCH) await flush();
    }
    await flush();
    // A state beyond the stream's end is of another ledger (a restored backup): fold anew.
    if (entriesNow.some((entry) => entry.revision > revision)) return { entries: [], mismatch: true };
    return { entries: states.map((entry) => ({ ...entry, revision, head })), mismatch: false };
  };

  return {
    async load(stream, folds) {
      const names = Object.keys(folds);
      const list = names.map((name) => folds[name] as AnyFold);
      let result = await foldTail(stream, list, await start(stream, list));
      if (result.mismatch) {
        deps.report('snapshot-mismatch', list.map((fold) => fold.name).join(','));
        result = await foldTail(
          stream,
          list,
          list.map((fold) => ({ revision: -1n, head: undefined, state: fold.initialState, position: undefined })),
        );
      }
      list.forEach((fold, i) => {
        const key = keyOf(stream, fold);
        const entry = result.entries[i] as Entry;
        remember(key, entry);
        if (entry.head !== undefined && entry.revision - (stored.get(key) ?? -1n) >= SNAPSHOT_EVERY) {
          stored.set(key, entry.revision);
          const save: Promise<void> = deps.snapshots
            .save({
              stream,
              fold,
              revision: entry.revision,
              head: entry.head,
              state: { state: entry.state, position: entry.position ?? '' } satisfies Kept,
            })
            .catch((error: unknown) => deps.report('snapshot-not-saved', fold.name, error))
            .finally(() => saving.delete(save));
          saving.add(save);
        }
      });
      if (stored.size > 4 * MAX_ENTRIES) stored.clear();
      const revision = (result.entries[0] as Entry).revision;
      const state = Object.fromEntries(names.map((name, i) => [name, (result.entries[i] as Entry).state]));
      const positions = Object.fromEntries(
        names.flatMap((name, i) => {
          const { position } = result.entries[i] as Entry;
          return position === undefined ? [] : [[name, position]];
        }),
      );
      return { stream, revision, state, positions } as never;
    },
    async settled() {
      await Promise.all(saving);
    },
  };
}

function keyOf(stream: StreamName, fold: AnyFold): string {
  return `${fold.name}@${fold.version} ${stream}`;
}
