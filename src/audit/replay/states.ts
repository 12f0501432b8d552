import { hasKind } from '../../app/kinds.ts';
import type { AnyEvent } from '../../domain/catalogue.ts';
import type { Fold } from '../../domain/decider.ts';
import { FOLDS, type FoldName, STREAM_OF, type States } from '../../domain/folds.ts';
import type { CustodiansState } from '../../domain/record/terms.ts';
import { type Id16, kindOf, type StreamKind, type StreamName } from '../../kernel/id.ts';
import type { Stood } from '../stream-seen.ts';

/** All that decisions may have been made on, as of one moment of the replay: the states of every stream, and what stands where. */
export interface ReplayStates {
  /** What the folds make of a stream; initial states where it is empty. */
  of(stream: StreamName | undefined): States;
  /**
   * Organisations that had registered a record by that revision. The one state that an access reads and does not guard, because it only
   * grows: so it is asked for as of what was seen. All other states are guarded, and are now as they were then.
   */
  custodiansAt(stream: StreamName, revision: bigint): CustodiansState;
  stood(stream: StreamName): Stood | undefined;
  /** The ledger's own stream, once it is opened. */
  readonly ledger: StreamName | undefined;
  take(event: AnyEvent): void;
  readonly streams: number;
}

interface Account {
  revision: bigint;
  readonly lastOfType: Map<string, bigint>;
  states: States;
  /** Each custodian with the revision of its first record here. */
  custodians: [Id16, bigint][] | undefined;
}

const INITIAL = Object.fromEntries(Object.values(FOLDS).map((fold) => [fold.name, fold.initialState])) as States;

/** By the kind of stream, the folds that deciding reads. `shelf` is about read tables, and `custodians` is kept by revision. */
const FOLDS_OF = Object.fromEntries(
  (['resident', 'institution', 'practitioner', 'exchange', 'ledger'] as const).map((kind) => [
    kind,
    (Object.keys(FOLDS) as FoldName[])
      .filter((name) => STREAM_OF[name] === kind && name !== 'shelf' && name !== 'custodians')
      .map((name) => FOLDS[name] as Fold<unknown, AnyEvent>),
  ]),
) as unknown as { readonly [K in StreamKind]: readonly Fold<unknown, AnyEvent>[] };

function withEventIn(states: States, event: AnyEvent): States {
  let next: Record<string, unknown> | undefined;
  for (const fold of FOLDS_OF[kindOf(event.stream)]) {
    if (!hasKind(fold.kinds, event.type)) continue;
    next ??= { ...states };
    next[fold.name] = fold.evolve(next[fold.name], event);
  }
  return next === undefined ? states : (next as States);
}

/** Grows with streams, records and consents; accesses leave no more than a revision. */
export function replayStates(): ReplayStates {
  const accounts = new Map<StreamName, Account>();
  let ledger: StreamName | undefined;

  const accountOf = (stream: StreamName): Account => {
    const known = accounts.get(stream);
    if (known !== undefined) return known;
    const made: Account = { revision: -1n, lastOfType: new Map(), states: INITIAL, custodians: undefined };
    accounts.set(stream, made);
    return made;
  };

  return {
    of: (stream) => (stream === undefined ? INITIAL : (accounts.get(stream)?.states ?? INITIAL)),
    custodiansAt: (stream, revision) =>
      (accounts.get(stream)?.custodians ?? []).flatMap(([id, since]) => (since <= revision ? [id] : [])).sort(),
    stood: (stream) => accounts.get(stream),
    get ledger() {
      return ledger;
    },
    take: (event) => {
      const account = accountOf(event.stream);
      account.revision = event.revision;
      account.lastOfType.set(event.type, event.revision);
      account.states = withEventIn(account.states, event);
      if (event.type === 'ledger.opened@1') ledger ??= event.stream;
      if (
        (event.type === 'record.registered@1' || event.type === 'record.replaced@1') &&
        event.retained !== 'expired'
      ) {
        const { custodian } = event.retained;
        account.custodians ??= [];
        if (!account.custodians.some(([id]) => id === custodian)) account.custodians.push([custodian, event.revision]);
      }
    },
    get streams() {
      return accounts.size;
    },
  };
}
