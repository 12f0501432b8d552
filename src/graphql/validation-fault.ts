import { type GraphQLError, Kind } from 'graphql';
import { type ApiFault, badInput } from './fault.ts';

/** How many mistakes of one document are told at once. */
const MAX_TOLD = 5;

const VALUES: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
]);

/**
 * What validation found, as it is told: graphql's own words, which name what the document names, except where it quotes a value.
 * `suggest`: whether "Did you mean" may tell of the schema to somebody who does not know it.
 */
export function validationFaults(errors: readonly GraphQLError[], suggest: boolean): ApiFault[] {
  return errors.slice(0, MAX_TOLD).map((error) => {
    const quotes = error.nodes?.some((node) => VALUES.has(node.kind)) ?? true;
    const words = suggest ? error.message : error.message.replace(/ Did you mean [\s\S]*$/, '');
    const { locations } = error;
    return badInput(
      'query',
      quotes ? 'a value does not fit its type' : words,
      locations === undefined ? {} : { locations },
    );
  });
}
