import { NOT_RECOMPUTED, type NotRecomputed } from './not-recomputed.ts';
import { KEPT, type Replayed } from './replay.ts';

/** What several shares of one ledger came to, as one. `streams` that all shares know are counted by each; they are few. */
export function mergeReplayed(shares: readonly Replayed[], compare: (a: string, b: string) => number): Replayed {
  const sum = (of: (one: Replayed) => number): number => shares.reduce((total, one) => total + of(one), 0);
  const late = sum((one) => one.late ?? 0);
  const byType = new Map<string, number>();
  const notes = new Map<NotRecomputed, number>();
  for (const share of shares) {
    for (const [type, count] of Object.entries(share.byType)) byType.set(type, (byType.get(type) ?? 0) + count);
    for (const { what, decisions } of share.notRecomputed) notes.set(what, (notes.get(what) ?? 0) + decisions);
  }
  return {
    events: shares.reduce((total, { events }) => total + events, 0n),
    decisions: sum(({ decisions }) => decisions),
    byType: Object.fromEntries([...byType].sort(([a], [b]) => (a < b ? -1 : 1))),
    expired: sum(({ expired }) => expired),
    streams: sum(({ streams }) => streams),
    ...(late === 0 ? {} : { late, unmarked: sum(({ unmarked = 0 }) => unmarked) }),
    found: sum(({ found }) => found),
    differences: shares
      .flatMap(({ differences }) => differences)
      .sort((a, b) => compare(a.position, b.position))
      .slice(0, KEPT),
    notRecomputed: [...notes].map(([what, decisions]) => ({ what, decisions, why: NOT_RECOMPUTED[what] })),
  };
}
