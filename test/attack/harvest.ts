/** Record ids and cursors that answers held, with what they were given for: to be used again, by their owner and by everybody else. */

export interface GivenId {
  readonly kind: 'record';
  readonly actor: string;
  /** The name of the record in truth.ts. */
  readonly record: string;
}

export interface GivenCursor {
  readonly kind: 'cursor';
  readonly actor: string;
  /** The read and every argument that chooses rows. */
  readonly binding: string;
  /** The last day of the record on which the page ended; empty for other lists, where only the binding is told apart. */
  readonly position: string;
  /** The arguments of that query, so that it can be gone on with. */
  readonly args: Readonly<Record<string, unknown>>;
}

export type Given = GivenId | GivenCursor;

export interface Harvest {
  of(token: string): Given | undefined;
  /** Throws when one text was given for two things, or an id to two actors. */
  add(token: string, given: Given): void;
  readonly ids: readonly { readonly token: string; readonly given: GivenId }[];
  readonly cursors: readonly { readonly token: string; readonly given: GivenCursor }[];
}

/** As many as keep every kind of reuse likely; the oldest give way, and are still known. */
const REUSED = 4_000;

export function harvest(): Harvest {
  const known = new Map<string, Given>();
  const byMeaning = new Map<string, string>();
  const ids: { token: string; given: GivenId }[] = [];
  const cursors: { token: string; given: GivenCursor }[] = [];
  return {
    ids,
    cursors,
    of: (token) => known.get(token),
    add(token, given) {
      const { actor } = given;
      const meaning = given.kind === 'record' ? `record ${given.record}` : `cursor ${given.binding} ${given.position}`;
      const before = known.get(token);
      if (before !== undefined) {
        const same =
          before.kind === 'record' ? `record ${before.record}` : `cursor ${before.binding} ${before.position}`;
        if (before.actor !== actor || same !== meaning)
          throw new Error(`one text for ${same} of ${before.actor} and ${meaning} of ${actor}`);
        return;
      }
      if (given.kind === 'record') {
        const other = byMeaning.get(`${actor} ${meaning}`);
        if (other !== undefined) throw new Error(`two ids for ${meaning} of ${actor}`);
        byMeaning.set(`${actor} ${meaning}`, token);
      }
      known.set(token, given);
      if (given.kind === 'record') ids.push({ token, given });
      else cursors.push({ token, given });
      if (ids.length > REUSED) ids.shift();
      if (cursors.length > REUSED) cursors.shift();
    },
  };
}
