import type { InstitutionView } from '../../app/api.ts';
import { wireEnum } from '../wire-enum.ts';

export const PartyStateEnum = wireEnum<InstitutionView['state']>('PartyState', 'How a registration stands.', {
  active: 'It is in force.',
  ended: 'It has ended.',
});
