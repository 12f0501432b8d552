import type { ObjectRef } from '@pothos/core';
import type { Outcome, Refusal } from '../app/outcome.ts';
import { type BuilderTypes, builder } from './builder.ts';
import { RefusalType } from './types/refusal.ts';

const isRefusal = (value: object): value is Refusal => 'kind' in value && value.kind === 'refusal';

/** `XResult`: the success, or the refusal. */
export function outcomeUnion<T extends object>(name: string, success: ObjectRef<BuilderTypes, T>) {
  return builder.unionType(name, {
    description: `${success.name}, or the rule that said no.`,
    types: [success, RefusalType],
    resolveType: (value: object) => (isRefusal(value) ? RefusalType.name : success.name),
  });
}

/** An outcome as the union's source; `use` gives the success the shape of its GraphQL type. */
export function answer<T>(outcome: Outcome<T>): T | Refusal;
export function answer<T, U>(outcome: Outcome<T>, use: (value: T) => U): U | Refusal;
export function answer<T, U>(outcome: Outcome<T>, use?: (value: T) => U): T | U | Refusal {
  if (outcome.kind === 'refusal') return outcome;
  return use === undefined ? outcome.value : use(outcome.value);
}
