import type { Instant } from '../kernel/instant.ts';

/**
 * The shape of every decision (Chassaing): pure, total, synchronous. "No" is a value.
 * `State` comes from folds over past events; `Event` is what the decider emits.
 */
export type Decision<Event, Code extends string = string> =
  | {
      readonly kind: 'accept';
      readonly events: readonly Event[];
      /** The last instant at which these events may still be appended; later they would be decided otherwise. */
      readonly until?: Instant;
    }
  | { readonly kind: 'refuse'; readonly code: Code };

/** Accepting without events means: there is nothing to do, and that is fine. */
export function accept<Event>(...events: readonly Event[]): Decision<Event, never> {
  return { kind: 'accept', events };
}

/** Accepts what holds up to and including an instant, such as an answer to a request that expires. */
export function acceptUntil<Event>(until: Instant, ...events: readonly Event[]): Decision<Event, never> {
  return { kind: 'accept', events, until };
}

export function refuse<const Code extends string>(code: Code): Decision<never, Code> {
  return { kind: 'refuse', code };
}

/**
 * One rule book. Chassaing's initial state and `evolve` live in the folds, because several rule books read one stream and some
 * need several states: death closes codes, closing a code ends consents. So `decide` takes a record of states, each under its
 * fold's name, of which it knows the types from the other aggregates' `terms.ts`; and it emits every event that the command
 * causes, other aggregates' events included, in one decision and so in one append. `folds` names what it reads: the
 * caller loads exactly these, and their kinds guard the append (folds.ts).
 */
export interface Decider<Command, States, Event, Code extends string = string> {
  readonly folds: readonly (keyof States & string)[];
  decide(command: Command, states: States): Decision<Event, Code>;
}

/**
 * How one state is made from one stream. `kinds` are the type prefixes that it reads: others are not given to `evolve`, and only
 * these guard a decision made on the state. `version` changes whenever `evolve` or the state's shape does, so that snapshots of the
 * old one are not used. States are canonical JSON values (text, integers, lists, objects), so that a snapshot keeps them.
 * A part that has expired is read against the asker: what may have been a permit is none, what may have been an end is one.
 */
export interface Fold<State, Event> {
  readonly name: string;
  readonly version: number;
  readonly kinds: readonly string[];
  readonly initialState: State;
  evolve(state: State, event: Event): State;
}
