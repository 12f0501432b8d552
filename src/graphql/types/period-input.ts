import { builder } from '../builder.ts';
import { DayScalar } from './day.ts';

export const PeriodInput = builder.inputType('PeriodInput', {
  description: 'Days, both ends included.',
  fields: (t) => ({
    from: t.field({ type: DayScalar, description: 'The first day.' }),
    to: t.field({ type: DayScalar, description: 'The last day, not before the first.' }),
  }),
});
