import type { Finding } from './compare.ts';
import type { ExpectedEvent, ExpectedTrail, TrailFilter } from './expected.ts';

/** Trails against the list of every access that the test expects: who asked whom, for what, in which request. */

export interface Recorded extends ExpectedEvent {
  /** X-Request-Id of the request that left it. */
  readonly trace: string;
}

const KINDS: Readonly<Record<string, string>> = {
  PERMITTED: 'access.permitted',
  DENIED: 'access.denied',
  MISSED: 'access.missed',
  LOG_READ: 'access.log-read',
};

const fits = (filter: TrailFilter, event: Recorded): boolean =>
  (filter.label === undefined || event.stream === `resident/${filter.label}`) &&
  (filter.person === undefined || event.actor.id === filter.person) &&
  (filter.organisation === undefined || event.actor.organisation?.id === filter.organisation) &&
  (filter.purpose === undefined || event.purpose === filter.purpose) &&
  (filter.trace === undefined || event.trace === filter.trace);

interface Shown {
  readonly totalCount?: number;
  readonly edges?: readonly { readonly node?: Entry }[];
  readonly pageInfo?: { readonly hasNextPage?: boolean };
}
interface Entry {
  readonly kind?: string;
  readonly purpose?: string | null;
  readonly trace?: string | null;
  readonly time?: string;
  readonly actorKind?: string;
  readonly actor?: { readonly id?: string; readonly name?: string | null };
  readonly organisation?: { readonly id?: string; readonly name?: string | null } | null;
}

/**
 * `log` is all that was ever expected, in the order of sending; what stands from `settled` on was sent together with the request. Every entry is one
 * that fits the filter; as many are counted as there were before the request, and no more than there are after it.
 */
export function* checkTrail(
  asked: ExpectedTrail,
  shown: unknown,
  log: readonly Recorded[],
  settled: number,
): Generator<Finding> {
  const { filter, first, path } = asked;
  const { totalCount, edges = [] } = (shown ?? {}) as Shown;
  const bad = (what: string): Finding => ({ kind: 'leak', what: `${path}: ${what}` });
  const all = log.filter((event) => fits(filter, event));
  const sure = filter.from === undefined && filter.until === undefined;
  const least = log.slice(0, settled).filter((event) => fits(filter, event)).length;
  if (totalCount !== undefined && (totalCount > all.length || (sure && totalCount < least)))
    yield bad(`${totalCount} entries, not ${least} to ${all.length}`);
  if (
    edges.length > first ||
    (sure && !asked.later && (shown as Shown).edges !== undefined && edges.length < Math.min(first, least))
  )
    yield bad(`${edges.length} entries on a page of ${first}, of ${least} to ${all.length}`);
  for (const { node } of edges) {
    if (node === undefined) continue;
    if (!all.some((event) => isOf(node, event))) yield bad(`an entry that nothing left: ${JSON.stringify(node)}`);
    if (node.time !== undefined && ((filter.from ?? '') > node.time || (filter.until ?? '9') <= node.time))
      yield bad('an entry of another time');
  }
}

function isOf(entry: Entry, { type, actor, purpose, trace }: Recorded): boolean {
  const { organisation } = entry;
  return (
    (entry.kind === undefined || KINDS[entry.kind] === type) &&
    (entry.purpose === undefined || entry.purpose === purpose) &&
    (entry.trace === undefined || entry.trace === trace) &&
    (entry.actorKind === undefined || entry.actorKind.toLowerCase() === actor.role) &&
    (entry.actor?.id === undefined || entry.actor.id === actor.id) &&
    (entry.actor?.name === undefined || entry.actor.name === (actor.doctor?.name ?? null)) &&
    (organisation === undefined ||
      (organisation === null
        ? actor.organisation === undefined
        : organisation.id === undefined || organisation.id === actor.organisation?.id))
  );
}
