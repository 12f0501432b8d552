import { builder } from '../builder.ts';

export const IssuedCodeType = builder.objectRef<{ readonly code: string }>('IssuedCode').implement({
  description: 'The one electronic health code of a resident (电子健康码).',
  fields: (t) => ({
    // Not `code`: a document that asks for the refusal's code beside it would not be valid.
    healthCode: t.exposeString('code', {
      description:
        'The code as it is printed and shown. It is random, and as personal as a name: hand it to the resident only.',
    }),
  }),
});
