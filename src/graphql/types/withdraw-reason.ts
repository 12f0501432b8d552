import { wireEnum } from '../wire-enum.ts';

export const WithdrawReasonEnum = wireEnum('WithdrawReason', 'Why a record is withdrawn.', {
  'entered-in-error': 'It should never have been registered.',
  'wrong-subject': 'It is of somebody else.',
  superseded: 'Another record stands in its place.',
  custodian: 'Its custodian takes it back.',
});
