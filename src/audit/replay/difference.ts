import type { RecordedEvent } from '../../ledger/port.ts';

/** How a recorded decision differs from the one that follows; printed and stable, so that a script may act on it. */
export type DifferenceKind =
  /** The rules give another answer: another event, more or fewer of them, or a refusal. */
  | 'decision'
  /** The right event, in which a field says something else than follows. */
  | 'field'
  /** Whoever it was may not ask for this at all. */
  | 'actor'
  /** A decision of this kind is written to another stream. */
  | 'place'
  /** The condition guards less than the decision reads, so that what was decided on may not have stood any more. */
  | 'guards'
  /** What the decision had seen, or its time, is not what stood when it was appended. */
  | 'condition'
  /** Appended later than the decision held. */
  | 'not-after'
  /** What was served is not what the decision lets be seen. */
  | 'served'
  /** The append is not whole, or no command makes these events together. */
  | 'append'
  /** The retained part does not open, or the row holds no event: npm run fsck names why. */
  | 'unreadable';

/** What a judge finds wrong with one event of an append: codes, types and names of fields, never a value of anybody's. */
export interface Flaw {
  readonly kind: DifferenceKind;
  /** Which event of the append; the first unless told. */
  readonly at?: number;
  readonly recorded: string;
  readonly follows: string;
}

/** A recorded decision that does not follow from the events before it. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly event: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: string;
  readonly type: string;
  readonly recorded: string;
  readonly follows: string;
}

export type Placed = Pick<RecordedEvent, 'id' | 'position' | 'stream' | 'revision' | 'type'>;

export function differenceAt(event: Placed, { kind, recorded, follows }: Flaw): Difference {
  const { id, position, stream, revision, type } = event;
  return { kind, event: id, position, stream, revision: revision.toString(), type, recorded, follows };
}

/** For people: the place first, so that one line of many can be found by it. */
export function differenceText(difference: Difference): string {
  const { kind, event, position, stream, revision, recorded, follows } = difference;
  return `${kind} at position ${position}, event ${event}\n  in ${stream} revision ${revision}\n  recorded ${recorded}\n  follows  ${follows}`;
}

/** The first place where two JSON values differ, as a path; undefined when they are equal. Keys in any order. */
export function otherPath(a: unknown, b: unknown, path = ''): string | undefined {
  if (a === b) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return path;
  if (Array.isArray(a) !== Array.isArray(b)) return path;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return path;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key of Object.keys(left)) {
    const deeper = Array.isArray(a) ? path : path === '' ? key : `${path}.${key}`;
    if (!(key in right)) return deeper;
    const found = otherPath(left[key], right[key], deeper);
    if (found !== undefined) return found;
  }
  const more = Object.keys(right).find((key) => !(key in left));
  return more === undefined ? undefined : path === '' ? more : `${path}.${more}`;
}
