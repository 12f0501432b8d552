import { wireEnum } from '../wire-enum.ts';

export type Sex = 'male' | 'female' | 'other' | 'unknown';

export const SexEnum = wireEnum<Sex>('Sex', 'Administrative sex (GB/T 2261.1).', {
  male: 'Male.',
  female: 'Female.',
  other: 'Other.',
  unknown: 'Not known.',
});
