import { GraphQLError } from 'graphql';
import { isDay } from '../../kernel/instant.ts';
import { builder } from '../builder.ts';

export const DayScalar = builder.scalarType('Day', {
  description: 'A calendar day, `2026-11-22`.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string' || !isDay(value)) throw new GraphQLError('not a Day');
    return value;
  },
});
