import { builder } from '../builder.ts';
import { WithdrawReasonEnum } from './withdraw-reason.ts';

export const WithdrawRecordInput = builder.inputType('WithdrawRecordInput', {
  description: 'Which record of the token’s organisation, by its source, and why.',
  fields: (t) => ({
    code: t.string({ description: 'A health code of the resident.' }),
    sourceSystem: t.string({ description: 'The system that holds the source document.' }),
    type: t.string({ description: 'Type of the source document.' }),
    sourceId: t.string({ description: 'Id of the document in that system.' }),
    reason: t.field({ type: WithdrawReasonEnum, description: 'Why.' }),
  }),
});
