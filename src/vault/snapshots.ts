import { equalBytes } from '../kernel/bytes.ts';
import type { Internals } from './internals.ts';
import type { FoldName, Snapshots } from './port.ts';
import { reach } from './reach.ts';
import { foldDigest, openSnapshot, sealSnapshot } from './snapshot.ts';
import { liveKeys } from './stream-key-store.ts';

/** How often a stored snapshot was no use, for the operator: another fold version is an upgrade, a wrong tag is somebody's hand or a lost key. */
export interface SnapshotCounts {
  readonly used: number;
  readonly otherFold: number;
  readonly refused: number;
}

interface Row {
  readonly stream: string;
  readonly fold: string;
  readonly digest: Buffer;
  readonly revision: bigint;
  readonly sealed: Buffer;
}

/** Snapshots in `vault.snapshots`, one a stream and fold. Derived data: any of them may be lost, none is believed unread. */
export function postgresSnapshots(internals: Internals): Snapshots & { counts(): SnapshotCounts } {
  const { sql, suite, entropy, streams } = internals;
  const counts = { used: 0, otherFold: 0, refused: 0 };
  const name = (stream: string, fold: Pick<FoldName, 'name'>): string => `${stream}#${fold.name}`;

  /** A row that does not open would keep its revision for ever, and with it every later snapshot out. */
  async function dropRow(row: Row): Promise<void> {
    await reach(
      () => sql`
        delete from vault.snapshots
        where stream = ${row.stream} and fold = ${row.fold} and sealed = ${row.sealed} and revision = ${row.revision}`,
    );
  }

  return {
    load: async (wanted) => {
      if (wanted.length === 0) return [];
      const [rows, keys] = await Promise.all([
        reach(
          () => sql<Row[]>`
            select s.stream, s.fold, s.digest, s.revision, s.sealed
            from unnest(${wanted.map((one) => one.stream as string)}::text[], ${wanted.map((one) => one.fold.name)}::text[])
              as w (stream, fold)
            join vault.snapshots s using (stream, fold)`,
        ),
        streams.load(wanted.map((one) => one.stream)),
      ]);
      const found = new Map(rows.map((row) => [name(row.stream, { name: row.fold }), row]));
      return Promise.all(
        wanted.map(async ({ stream, fold }) => {
          const row = found.get(name(stream, fold));
          if (row === undefined) return undefined;
          const digest = foldDigest(suite, fold);
          if (!equalBytes(digest, row.digest)) {
            counts.otherFold++;
            return undefined;
          }
          const set = keys.get(stream);
          const personal = set?.personal.get(Math.max(...set.personal.keys()));
          const snapshot =
            personal === undefined || personal === 'destroyed' || row.revision < 0n
              ? undefined
              : openSnapshot(suite, personal, { stream, digest, revision: row.revision }, row.sealed);
          if (snapshot === undefined) {
            counts.refused++;
            await dropRow(row);
          } else counts.used++;
          return snapshot;
        }),
      );
    },
    save: async ({ stream, fold, revision, head, state }) => {
      const live = liveKeys(stream, (await streams.loadOrCreate([stream])).get(stream) ?? unreachable());
      const digest = foldDigest(suite, fold);
      const sealed = sealSnapshot(
        suite,
        live.personal,
        entropy.bytes(12),
        { stream, digest, revision },
        { head, state },
      );
      await reach(
        () => sql`
          insert into vault.snapshots (stream, fold, digest, revision, sealed)
          values (${stream}, ${fold.name}, ${digest}, ${revision}, ${sealed})
          on conflict (stream, fold) do update
            set digest = excluded.digest, revision = excluded.revision, sealed = excluded.sealed, made = clock_timestamp()
            where snapshots.revision < excluded.revision
               or (snapshots.revision = excluded.revision and snapshots.digest <> excluded.digest)`,
      );
    },
    drop: async (stream, fold) => {
      await reach(() => sql`delete from vault.snapshots where stream = ${stream} and fold = ${fold.name}`);
    },
    counts: () => ({ ...counts }),
  };
}

function unreachable(): never {
  throw new Error('a stream whose keys were just made has none');
}
