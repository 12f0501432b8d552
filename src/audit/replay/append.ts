import type { AnyEvent } from '../../domain/catalogue.ts';
import type { ActorRef, CommonRetained } from '../../kernel/event.ts';
import { COMMON_RETAINED } from '../../kernel/event.ts';
import type { EventId, Id16, StreamName } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Suite } from '../../kernel/suite.ts';
import type { LedgerIdentity } from '../../ledger/port.ts';
import type { Flaw } from './difference.ts';
import type { NotRecomputed } from './not-recomputed.ts';
import type { ReplayStates } from './states.ts';

/** An event whose retained part is in clear. */
export type Known<E = AnyEvent> = E extends { readonly retained: infer R }
  ? Omit<E, 'retained'> & { readonly retained: Exclude<R, 'expired'> }
  : never;
export type KnownOf<T extends AnyEvent['type']> = Extract<Known, { readonly type: T }>;

/** One append, which is one decision: its events in order, and what stood before the first of them. */
export interface Append {
  readonly stream: StreamName;
  readonly events: readonly [Known, ...Known[]];
  /** Of the stream, before the append; -1n when it was empty. */
  readonly before: bigint;
  readonly by: ActorRef;
  readonly decided: Instant;
  readonly notAfter: Instant;
  readonly seen: CommonRetained['seen'];
}

/** What judging stands on: the append, the states before it, and what is not the append's. */
export interface Case {
  readonly append: Append;
  readonly states: ReplayStates;
  readonly suite: Suite;
  readonly identity: LedgerIdentity;
  /** The vault's: the consent or record that a command's first event brings. */
  readonly derivedId: (event: EventId, what: string) => Id16;
  /** Makes the first so many events of the append the past, for a decision in which one event is decided upon the one before. */
  readonly take: (events: number) => void;
  /** Says what of this decision stands in no event. */
  readonly note: (what: NotRecomputed) => void;
}

/** The judge of one family of decisions. No flaw: what stands there is what follows. */
export type Judge = (of: Case) => readonly Flaw[];

/** What the rules make of it: the events that they emit, each as far as retained parts say it, or the code of a refusal. */
export interface Emitted {
  readonly type: string;
  readonly retained: object;
}

/** A retained part without what all events say. */
export function ownFields(retained: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(retained).filter(([name]) => !Object.hasOwn(COMMON_RETAINED, name)));
}
