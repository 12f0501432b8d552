import { builder } from '../builder.ts';

export const EndPractitionerInput = builder.inputType('EndPractitionerInput', {
  description: 'Which practitioner, and why.',
  fields: (t) => ({
    id: t.id({ description: 'Id of the practitioner.' }),
    reason: t.string({ description: 'Why, at most 128 letters.' }),
  }),
});
