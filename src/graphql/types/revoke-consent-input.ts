import { builder } from '../builder.ts';

export const RevokeConsentInput = builder.inputType('RevokeConsentInput', {
  description: 'Which grant.',
  fields: (t) => ({ consentId: t.id({ description: 'Id of the grant.' }) }),
});
