import { REFUSAL_CODES, REFUSALS, type RefusalCode } from '../../domain/refusals.ts';
import { wireEnum } from '../wire-enum.ts';

export const RefusalCodeEnum = wireEnum<RefusalCode>(
  'RefusalCode',
  'Every way in which a rule says no. The message of a code never changes with who is meant.',
  Object.fromEntries(REFUSAL_CODES.map((code) => [code, REFUSALS[code].message])) as {
    readonly [C in RefusalCode]: string;
  },
);
