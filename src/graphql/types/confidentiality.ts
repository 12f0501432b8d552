import type { Confidentiality } from '../../domain/terms.ts';
import { wireEnum } from '../wire-enum.ts';

export const ConfidentialityEnum = wireEnum<Confidentiality>(
  'Confidentiality',
  'HL7 v3-Confidentiality from least to most: U < L < M < N < R < V. GB/T 39725 levels 1–3 are N, 4 is R, 5 is V.',
  {
    U: 'Unrestricted.',
    L: 'Low.',
    M: 'Moderate.',
    N: 'Normal.',
    R: 'Restricted.',
    V: 'Very restricted.',
  },
);
