import type { Policy } from '../../app/api.ts';
import { wireEnum } from '../wire-enum.ts';

export const PolicyRuleKindEnum = wireEnum<Policy['rules'][number]['kind']>(
  'PolicyRuleKind',
  'What a rule of the region’s policy permits.',
  {
    'own-records': 'An organisation reads what it registered itself.',
    statutory: 'An article of law lets the named organisations read (PIPL 13 (2)–(7)).',
  },
);
