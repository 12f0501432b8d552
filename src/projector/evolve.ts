import type { AnyProjection, ProjectedEvent } from './define.ts';
import { ProjectorStopped } from './faults.ts';

export type Row = Record<string, unknown>;

/** The keys of the rows that these events touch: what must be at hand before they can be folded. */
export function touchedKeys(projection: AnyProjection, events: readonly ProjectedEvent[]): Set<string> {
  const keys = new Set<string>();
  for (const event of events) {
    const key = keyOf(projection, event);
    if (key !== null) keys.add(key);
  }
  return keys;
}

/**
 * Folds a batch over the rows as they stood before it. Answers only what changed: the new row of each such key, or `null` where the
 * row goes. Pure; the caller sees to it that no event comes twice.
 * @throws ProjectorStopped naming the event at which the projection threw: a bug, and the rows after it would be wrong.
 */
export function evolveRows(
  projection: AnyProjection,
  before: ReadonlyMap<string, Row>,
  events: readonly ProjectedEvent[],
): Map<string, Row | null> {
  const changed = new Map<string, Row | null>();
  for (const event of events) {
    const key = keyOf(projection, event);
    if (key === null) continue;
    const row = changed.has(key) ? (changed.get(key) ?? null) : (before.get(key) ?? null);
    const next = guarded(projection, event, () => projection.evolve(row, event));
    if (next !== row) changed.set(key, next);
  }
  return changed;
}

function keyOf(projection: AnyProjection, event: ProjectedEvent): string | null {
  return projection.types.has(event.type) ? guarded(projection, event, () => projection.key(event)) : null;
}

function guarded<T>(projection: AnyProjection, event: ProjectedEvent, ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    throw new ProjectorStopped(event, `the projection ${projection.name} threw`, cause);
  }
}
