import type { AnyEvent, AnyNewEvent } from '../domain/catalogue.ts';
import type { Fold } from '../domain/decider.ts';
import type { Instant } from '../kernel/instant.ts';
import { hasKind } from './kinds.ts';
import type { AnyFold } from './states.ts';

/**
 * The states as they will be once these events are appended: for commands that decide several things in one append, each upon the one
 * before. `now` stands for the time that they will have; no fold of these commands reads a revision that is not there yet.
 */
export function foldNew<S extends object>(
  folds: { readonly [name: string]: AnyFold },
  states: S,
  events: readonly AnyNewEvent[],
  now: Instant,
): S {
  const next = { ...states } as Record<string, unknown>;
  for (const [name, fold] of Object.entries(folds) as [string, Fold<unknown, AnyEvent>][]) {
    for (const event of events) {
      if (hasKind(fold.kinds, event.type))
        next[name] = fold.evolve(next[name], { ...event, time: now } as unknown as AnyEvent);
    }
  }
  return next as S;
}
