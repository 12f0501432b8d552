import { builder } from '../builder.ts';
import { InstantScalar } from './instant.ts';

export const ReportDeathInput = builder.inputType('ReportDeathInput', {
  description: 'A death. It closes the resident’s codes and freezes their grants.',
  fields: (t) => ({
    code: t.string({ description: 'A health code of the resident.' }),
    deceasedAt: t.field({
      type: InstantScalar,
      required: false,
      description: 'When, if it is known; not in the future.',
    }),
    source: t.string({ required: false, description: 'Where it is known from, at most 256 letters.' }),
  }),
});
