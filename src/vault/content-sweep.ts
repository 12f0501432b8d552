import type { EventId } from '../kernel/id.ts';
import type { Sql } from '../postgres/pools.ts';
import { reach } from './reach.ts';

/** A content is written before its event; one whose event never came is an orphan. None is younger than this (10 minutes). */
export const ORPHAN_AGE_MS = 10 * 60_000;
const PAGE = 500;

export interface Swept {
  /** Contents whose event is known; they are not looked at again. */
  readonly kept: number;
  readonly deleted: number;
  /** Contents of attempts whose fate is not known yet; the next sweep looks again. */
  readonly inDoubt: number;
}

/**
 * Deletes contents older than `olderThanMs` (by the database's clock) whose event is neither known nor in doubt. Only contents that no
 * earlier sweep has settled are looked at. Stopped anywhere: the next sweep goes on. When `known` throws, nothing of that page is touched.
 */
export async function sweepContents(
  sql: Sql,
  options: {
    readonly olderThanMs?: number;
    readonly known: (eventId: EventId) => Promise<boolean>;
    readonly inDoubt: (eventId: EventId) => boolean | Promise<boolean>;
  },
): Promise<Swept> {
  const swept = { kept: 0, deleted: 0, inDoubt: 0 };
  const [clock] = await reach(
    () => sql<{ cutoff: string }[]>`
      select (clock_timestamp() - ${options.olderThanMs ?? ORPHAN_AGE_MS} * interval '1 millisecond')::text as cutoff`,
  );
  const cutoff = clock?.cutoff ?? '-infinity';
  let after = { created: '-infinity', id: '' };
  for (;;) {
    const page = await reach(
      () => sql<{ id: string; event_id: EventId; created: string }[]>`
        select id, event_id, created::text as created from vault.contents
        where not settled and created < ${cutoff}::text::timestamptz
          and (created, id) > (${after.created}::text::timestamptz, ${after.id})
        order by created, id limit ${PAGE}`,
    );
    const last = page.at(-1);
    if (last === undefined) return swept;
    after = last;
    const keep: string[] = [];
    const orphans: string[] = [];
    for (const { id, event_id } of page) {
      // First the doubt, then the event: asked the other way round, an attempt settled in between would be neither.
      if (await options.inDoubt(event_id)) swept.inDoubt++;
      else if (await options.known(event_id)) keep.push(id);
      else orphans.push(id);
    }
    await reach(() => sql`update vault.contents set settled = true where id = any(${keep}::text[])`);
    // The age is asked again: a new attempt at the same command may have made its content young since.
    const gone = await reach(
      () => sql`
        delete from vault.contents
        where id = any(${orphans}::text[]) and not settled and created < ${cutoff}::text::timestamptz`,
    );
    swept.kept += keep.length;
    swept.deleted += gone.count;
  }
}
