import { GraphQLError } from 'graphql';
import { isInstant } from '../../kernel/instant.ts';
import { builder } from '../builder.ts';

export const InstantScalar = builder.scalarType('Instant', {
  description:
    'An instant, RFC 3339 in UTC with exactly three decimals: `2026-11-22T03:04:05.678Z`. Times are the ledger’s, never a client’s.',
  serialize: (value) => value,
  parseValue: (value) => {
    // The message stays here: `variables.ts` tells the place and the type, never what was sent.
    if (typeof value !== 'string' || !isInstant(value)) throw new GraphQLError('not an Instant');
    return value;
  },
});
