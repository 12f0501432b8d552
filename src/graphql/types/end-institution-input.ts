import { builder } from '../builder.ts';

export const EndInstitutionInput = builder.inputType('EndInstitutionInput', {
  description: 'Which organisation, and why.',
  fields: (t) => ({
    id: t.id({ description: 'Id of the organisation.' }),
    reason: t.string({ description: 'Why, at most 128 letters.' }),
  }),
});
