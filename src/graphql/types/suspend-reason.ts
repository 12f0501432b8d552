import { wireEnum } from '../wire-enum.ts';

export const SuspendReasonEnum = wireEnum('SuspendReason', 'Why a health code is suspended.', {
  resident: 'The resident wishes it.',
  lost: 'The card or phone is lost.',
  misuse: 'Somebody else used it.',
  office: 'The office suspends it, and only the office can resume it.',
});
