import { builder } from '../builder.ts';

export const DenyConsentInput = builder.inputType('DenyConsentInput', {
  description: 'Which request.',
  fields: (t) => ({ consentId: t.id({ description: 'Id of the pending request.' }) }),
});
