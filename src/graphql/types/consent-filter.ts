import { wireEnum } from '../wire-enum.ts';

export const ConsentFilterEnum = wireEnum('ConsentFilter', 'Which consents to list.', {
  live: 'Granted and not ended, also those that are valid later only.',
  pending: 'Requests that wait for an answer.',
  ended: 'Denied, revoked or expired ones.',
});
