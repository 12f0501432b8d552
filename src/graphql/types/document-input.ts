import { builder } from '../builder.ts';

export const DocumentInput = builder.inputType('DocumentInput', {
  description: 'An identity document as shown.',
  fields: (t) => ({
    type: t.string({
      description:
        'CV02.01.101: 01 identity card (居民身份证), 02 household register, 03 passport, 04 officer’s card, 05 driving licence, 06 and 07 travel permits, 99 other; or `fhir:` and an identifier system.',
    }),
    issuer: t.string({ required: false, description: 'Who issued it. May be left out for all but type 99.' }),
    number: t.string({ description: 'Its number, 1 to 128 letters. Identity card numbers are checked (GB 11643).' }),
  }),
});
