import { connectionType } from '../connection.ts';
import { ConsentType } from './consent.ts';

export const ConsentConnectionType = connectionType(ConsentType, {
  of: 'consents',
  total: 'How many consents match, on all pages.',
  gated: false,
});
