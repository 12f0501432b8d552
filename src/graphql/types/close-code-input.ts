import { builder } from '../builder.ts';
import { CloseReasonEnum } from './close-reason.ts';

export const CloseCodeInput = builder.inputType('CloseCodeInput', {
  description: 'Which code, and why.',
  fields: (t) => ({
    code: t.string({ description: 'The code.' }),
    reason: t.field({ type: CloseReasonEnum, description: 'Why.' }),
  }),
});
