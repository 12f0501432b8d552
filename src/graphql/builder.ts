import SchemaBuilder from '@pothos/core';
import type { Day, Instant } from '../kernel/instant.ts';
import type { Context } from './context.ts';

/** What `builder` was made for, as helpers over it name it. */
export type BuilderTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

/** Declares nothing of its own: each file of `types` adds one GraphQL type, `schema.ts` gathers and checks them. */
export const builder = new SchemaBuilder<{
  Context: Context;
  Scalars: {
    ID: { Input: string; Output: string };
    Instant: { Input: Instant; Output: Instant };
    Day: { Input: Day; Output: Day };
  };
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: true;
}>({ defaultFieldNullability: false, defaultInputFieldRequiredness: true });
