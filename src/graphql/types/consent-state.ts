import type { ConsentView } from '../../app/api.ts';
import { wireEnum } from '../wire-enum.ts';

export const ConsentStateEnum = wireEnum<ConsentView['state']>(
  'ConsentState',
  'How a consent stands now. Expiry is computed, never stored.',
  {
    pending: 'Asked for, and not answered yet.',
    live: 'Granted, and valid now.',
    'not-yet-valid': 'Granted, and valid later.',
    denied: 'Denied.',
    revoked: 'Granted, and revoked.',
    expired: 'Its validity, or the time for an answer, is over.',
  },
);
