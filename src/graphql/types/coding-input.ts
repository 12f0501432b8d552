import { builder } from '../builder.ts';

export const CodingInput = builder.inputType('CodingInput', {
  description: 'A code of a code system.',
  fields: (t) => ({
    system: t.string({ description: 'The code system, a URI of at most 256 letters.' }),
    code: t.string({ description: 'The code, at most 128 letters.' }),
  }),
});
