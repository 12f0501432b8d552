import type { CodeState } from '../../app/api.ts';
import { wireEnum } from '../wire-enum.ts';

export const HealthCodeStateEnum = wireEnum<CodeState['state']>('HealthCodeState', 'How a health code stands.', {
  active: 'It can be used.',
  suspended: 'It cannot be used until it is resumed.',
  closed: 'It is closed for good.',
});
