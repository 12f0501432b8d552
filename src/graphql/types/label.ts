import type { Label } from '../../domain/terms.ts';
import { wireEnum } from '../wire-enum.ts';
import { SENSITIVITY_TEXTS } from './sensitivity.ts';

export const LabelEnum = wireEnum<Label>(
  'Label',
  'A code that hides the records bearing it unless a permit names it: every sensitivity, and the confidentialities R and V.',
  {
    ...SENSITIVITY_TEXTS,
    R: 'Confidentiality: restricted (GB/T 39725 level 4).',
    V: 'Confidentiality: very restricted (GB/T 39725 level 5).',
  },
);
