import type { Period } from '../../domain/terms.ts';
import { builder } from '../builder.ts';
import { DayScalar } from './day.ts';

export const PeriodType = builder.objectRef<Period>('Period').implement({
  description: 'Days, both ends included.',
  fields: (t) => ({
    from: t.field({ type: DayScalar, description: 'The first day.', resolve: ({ from }) => from }),
    to: t.field({ type: DayScalar, description: 'The last day.', resolve: ({ to }) => to }),
  }),
});
