import { builder } from '../builder.ts';

export const ResumeCodeInput = builder.inputType('ResumeCodeInput', {
  description: 'Which code.',
  fields: (t) => ({
    code: t.string({ required: false, description: 'The code. A resident may leave it out and means their own.' }),
  }),
});
