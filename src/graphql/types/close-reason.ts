import { wireEnum } from '../wire-enum.ts';

export const CloseReasonEnum = wireEnum('CloseReason', 'Why a health code is closed for good.', {
  resident: 'The resident wishes it.',
  office: 'The office closes it.',
  replaced: 'A new one takes its place.',
});
