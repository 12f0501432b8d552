import type { CodeState } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { HealthCodeType } from './health-code.ts';

export interface HealthCodes {
  readonly codes: readonly CodeState[];
}

export const HealthCodesType = builder.objectRef<HealthCodes>('HealthCodes').implement({
  description: 'The resident’s health codes.',
  fields: (t) => ({
    codes: t.field({
      type: [HealthCodeType],
      description: 'All that were ever issued.',
      resolve: ({ codes }) => [...codes],
    }),
  }),
});
