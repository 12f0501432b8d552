/**
 * The shape of every decision (Chassaing): pure, total, synchronous. "No" is a value.
 * `State` comes from folds over past events; `Event` is what the decider emits.
 */
export type Decision<Event, Code extends string = string> =
  | { readonly kind: 'accept'; readonly events: readonly Event[] }
  | { readonly kind: 'refuse'; readonly code: Code };

/** Accepting without events means: there is nothing to do, and that is fine. */
export function accept<Event>(...events: readonly Event[]): Decision<Event, never> {
  return { kind: 'accept', events };
}

export function refuse<const Code extends string>(code: Code): Decision<never, Code> {
  return { kind: 'refuse', code };
}

export interface Decider<Command, State, Event, Code extends string = string> {
  readonly initialState: State;
  decide(command: Command, state: State): Decision<Event, Code>;
  evolve(state: State, event: { readonly type: string }): State;
}

/**
 * How one state is made from one stream. `kinds` are the type prefixes that it reads: others are not given to `evolve`, and only
 * these guard a decision made on the state. `version` changes whenever `evolve` or the state's shape does, so that snapshots of the
 * old one are not used. States are canonical JSON values (text, integers, lists, objects), so that a snapshot keeps them.
 */
export interface Fold<State, Event> {
  readonly name: string;
  readonly version: number;
  readonly kinds: readonly string[];
  readonly initialState: State;
  evolve(state: State, event: Event): State;
}
