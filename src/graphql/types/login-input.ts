import { builder } from '../builder.ts';

export const LoginInput = builder.inputType('LoginInput', {
  description: 'The sign-in by which the resident is known to the identity provider.',
  fields: (t) => ({
    issuer: t.string({ description: 'The `iss` of the resident’s tokens.' }),
    subject: t.string({ description: 'The `sub` of the resident’s tokens.' }),
  }),
});
