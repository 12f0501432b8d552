import type { EventId, StreamName } from '../../kernel/id.ts';
import { answered, causeOf } from '../../postgres/outage.ts';
import type { Sql } from '../../postgres/pools.ts';
import { LedgerUnavailable } from '../faults.ts';

/** Where an event of an id stands, if there is one: in that stream behind that revision. */
export interface Request {
  readonly id: EventId;
  readonly stream: StreamName;
  readonly after: bigint;
}

/** An id that another attempt holds, or held when its process stopped. */
export interface Held extends Request {
  readonly owner: string;
}

/**
 * The table `requests`: every id that an event may bear, before it is sent for the first time. All methods throw `LedgerUnavailable`; a
 * row may then have been written all the same, which says nothing and is in nobody's way but that of the same id in another stream.
 */
export interface Requests {
  /** Takes these ids for an attempt (durable when it resolves), and gives those that others hold. */
  take(owner: string, wanted: readonly Request[]): Promise<readonly Held[]>;
  /** Takes an id from another attempt for the same stream; false when it is not as it was any more. */
  takeOver(owner: string, held: Held): Promise<boolean>;
  /** Gives ids back that were taken for this attempt and are known to stand in no event. */
  giveBack(owner: string, ids: readonly EventId[]): Promise<void>;
  find(id: EventId): Promise<Held | undefined>;
  /** Which of these ids have no row. */
  missing(ids: readonly EventId[]): Promise<ReadonlySet<EventId>>;
}

/** Ids of one statement, so that it stays short. */
const MAX_IDS = 4_096;

interface Waiting {
  readonly owner: string;
  readonly wanted: readonly Request[];
  readonly resolve: (held: readonly Held[]) => void;
  readonly reject: (fault: unknown) => void;
}

/** No id, stream name or revision holds a comma. */
const list = (items: readonly (string | bigint)[]): string => items.join(',');

export function requestTable(sql: Sql): Requests {
  const waiting: Waiting[] = [];
  let taking = false;

  const guarded = async <T>(query: Promise<T>): Promise<T> => {
    try {
      return await answered(query);
    } catch (error) {
      throw new LedgerUnavailable(causeOf(error));
    }
  };

  const holders = (ids: readonly EventId[]): Promise<readonly Held[]> =>
    guarded(
      sql<Held[]>`SELECT id, stream, after, owner FROM requests
        WHERE id = ANY (string_to_array(${list(ids)}::text, ',')::uuid[])`,
    );

  /** Ids go in in one order everywhere, so that no two statements wait for each other. Whatever the server's default is, it is synced. */
  async function insert(calls: readonly Waiting[]): Promise<readonly Held[]> {
    const held: Held[] = [];
    let rows = calls
      .flatMap(({ owner, wanted }) => wanted.map((request) => ({ ...request, owner })))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    while (rows.length > 0) {
      const ours = new Map((await insertRows(rows)).map(({ id, owner }) => [id, owner]));
      const lost = rows.filter(({ id, owner }) => ours.get(id) !== owner);
      if (lost.length === 0) break;
      const found = await holders([...new Set(lost.map(({ id }) => id))]);
      held.push(...found);
      // Given back between the two statements: nobody holds it.
      const standing = new Set(found.map(({ id }) => id));
      rows = lost.filter(({ id }) => !standing.has(id));
    }
    return held;
  }

  const insertRows = (rows: readonly Held[]): Promise<readonly Pick<Held, 'id' | 'owner'>[]> =>
    guarded(
      sql<{ id: EventId; owner: string }[]>`
        WITH durable AS (SELECT set_config('synchronous_commit', 'on', true))
        INSERT INTO requests (id, stream, after, owner)
        SELECT id, stream, after, owner FROM durable, unnest(
          string_to_array(${list(rows.map(({ id }) => id))}::text, ',')::uuid[],
          string_to_array(${list(rows.map(({ stream }) => stream))}::text, ','),
          string_to_array(${list(rows.map(({ after }) => after))}::text, ',')::bigint[],
          string_to_array(${list(rows.map(({ owner }) => owner))}::text, ',')::uuid[]
        ) AS wanted (id, stream, after, owner)
        ON CONFLICT (id) DO NOTHING RETURNING id, owner`,
    );

  /** What comes while a statement is under way goes into the next one together. */
  async function work(): Promise<void> {
    while (waiting.length > 0) {
      let ids = 0;
      let count = 0;
      for (const { wanted } of waiting) {
        ids += wanted.length;
        if (count > 0 && ids > MAX_IDS) break;
        count += 1;
      }
      const calls = waiting.splice(0, count);
      try {
        const held = new Map((await insert(calls)).map((each) => [each.id, each]));
        for (const { owner, wanted, resolve } of calls) {
          const others = wanted.flatMap(({ id }) => held.get(id) ?? []).filter((each) => each.owner !== owner);
          resolve(others);
        }
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    taking = false;
  }

  return {
    take: (owner, wanted) =>
      new Promise((resolve, reject) => {
        waiting.push({ owner, wanted, resolve, reject });
        if (taking) return;
        taking = true;
        setImmediate(() => void work());
      }),
    takeOver: async (owner, held) => {
      const rows = await guarded(
        sql`UPDATE requests SET owner = ${owner}::uuid
          WHERE id = ${held.id}::uuid AND owner = ${held.owner}::uuid AND stream = ${held.stream} RETURNING id`,
      );
      return rows.length > 0;
    },
    giveBack: async (owner, ids) => {
      await guarded(
        sql`DELETE FROM requests
          WHERE id = ANY (string_to_array(${list(ids)}::text, ',')::uuid[]) AND owner = ${owner}::uuid`,
      );
    },
    find: async (id) => {
      const [row] = await holders([id]);
      return row;
    },
    missing: async (ids) => {
      const rows = await holders(ids);
      const there = new Set(rows.map(({ id }) => id));
      return new Set(ids.filter((id) => !there.has(id)));
    },
  };
}
