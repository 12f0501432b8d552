import { builder } from '../builder.ts';

export const IdentifierInput = builder.inputType('IdentifierInput', {
  description: 'A number that somebody issued.',
  fields: (t) => ({
    system: t.string({ description: 'Who issued it, a URI of at most 256 letters.' }),
    number: t.string({ description: 'The number, at most 128 letters.' }),
  }),
});
