import { builder } from '../builder.ts';
import { SuspendReasonEnum } from './suspend-reason.ts';

export const SuspendCodeInput = builder.inputType('SuspendCodeInput', {
  description: 'Which code, and why.',
  fields: (t) => ({
    code: t.string({ required: false, description: 'The code. A resident may leave it out and means their own.' }),
    reason: t.field({ type: SuspendReasonEnum, description: 'Why.' }),
  }),
});
