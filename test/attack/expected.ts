import type { Harvest } from './harvest.ts';
import type { KnownActor, Truth } from './truth.ts';

/** What the oracle expects of one request: the whole answer, with marks where a value cannot be known before, and the events it leaves. */

export interface ExpectedEvent {
  /** Without its version. */
  readonly type: 'access.permitted' | 'access.denied' | 'access.missed' | 'access.log-read';
  readonly stream: string;
  readonly actor: KnownActor;
  /** Null for the reading of a trail. */
  readonly purpose: string | null;
  /** Of records that were opened: how many, and how many matched. */
  readonly served?: { readonly count: number; readonly matched: number };
}

export interface ExpectedTrail {
  /** Where in the answer it stands. */
  readonly path: string;
  readonly first: number;
  readonly filter: TrailFilter;
  readonly binding: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** A page that is not the first one. */
  readonly later: boolean;
}

export interface TrailFilter {
  /** The resident in whose account it stands. */
  readonly label?: string;
  readonly person?: string;
  readonly organisation?: string;
  readonly purpose?: string;
  readonly trace?: string;
  readonly from?: string;
  readonly until?: string;
}

export interface Expected {
  readonly status: number;
  /** Absent when nothing is executed. */
  readonly data?: unknown;
  /** `path: code` of each, in no order. */
  readonly errors: readonly string[];
  readonly events: readonly ExpectedEvent[];
  readonly trails: readonly ExpectedTrail[];
  /** Which limit the document passes. */
  readonly limit?: string;
}

/** What the reference's answers are made of. */
export interface Asking {
  readonly truth: Truth;
  readonly harvest: Harvest;
  readonly actor: KnownActor;
  readonly now: string;
  readonly events: ExpectedEvent[];
  readonly trails: ExpectedTrail[];
}

/** In the place of the id of an event. */
export const AN_EVENT = '§event';
export const anId = (record: string): string => `§id ${record}`;
export const aCursor = (binding: string, position: string, args: object): string =>
  `§cursor ${JSON.stringify({ binding, position, args })}`;

/** One spelling for each set of arguments. */
export function bindingOf(read: string, args: object): string {
  const sorted = Object.entries(args)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${read} ${JSON.stringify(sorted)}`;
}
