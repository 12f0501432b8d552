import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder.ts';
import { guardFields } from './guard.ts';
import './mutations/code.ts';
import './mutations/consent.ts';
import './mutations/identity.ts';
import './mutations/institution.ts';
import './mutations/policy.ts';
import './mutations/practitioner.ts';
import './mutations/record.ts';
import { checkSchema } from './schema-check.ts';
import './types/fault-code.ts';
import './types/mutation.ts';
import './types/query.ts';

/** The one schema, checked and guarded. Throws at start when a field or type breaks a law of `schema-check.ts`. */
function buildSchema(): GraphQLSchema {
  const built = builder.toSchema();
  checkSchema(built);
  return guardFields(built);
}

export const schema: GraphQLSchema = buildSchema();

/** The schema as text, sorted; `npm run generate` writes it to schema/schema.graphql. */
export function printSdl(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
