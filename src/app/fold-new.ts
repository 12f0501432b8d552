import type { AnyEvent, AnyNewEvent } from '../domain/catalogue.ts';
import type { Fold } from '../domain/decider.ts';
import { hasKind } from './kinds.ts';
import type { AnyFold } from './states.ts';

/**
 * The states as they will be once these events are appended: for commands that decide several things in one append, each upon the one
 * before. Folds read the type and the retained part only, so the header of an event that has none yet is not missed.
 */
export function foldNew<S extends object>(
  folds: { readonly [name: string]: AnyFold },
  states: S,
  events: readonly AnyNewEvent[],
): S {
  const next = { ...states } as Record<string, unknown>;
  for (const [name, fold] of Object.entries(folds) as [string, Fold<unknown, AnyEvent>][]) {
    for (const event of events) {
      if (hasKind(fold.kinds, event.type)) next[name] = fold.evolve(next[name], event as unknown as AnyEvent);
    }
  }
  return next as S;
}
