import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';
import { GranteeInput } from './grantee-input.ts';
import { InstantScalar } from './instant.ts';
import { LabelEnum } from './label.ts';
import { PeriodInput } from './period-input.ts';
import { PurposeEnum } from './purpose.ts';

export const ConsentTermsInput = builder.inputType('ConsentTermsInput', {
  description: 'What a resident gives. In answer to a request it must not be wider than the request in any respect.',
  fields: (t) => ({
    grantee: t.field({ type: GranteeInput, description: 'To whom.' }),
    purposes: t.field({ type: [PurposeEnum], description: 'At least one. Each covers its sub-purposes.' }),
    categories: t.field({ type: [CategoryEnum], description: 'At least one.' }),
    labels: t.field({
      type: [LabelEnum],
      required: false,
      description: 'Labelled records to include; none when left out.',
    }),
    period: t.field({ type: PeriodInput, description: 'Which days’ data.' }),
    validFrom: t.field({ type: InstantScalar, description: 'From when the grant may be used.' }),
    validUntil: t.field({ type: InstantScalar, description: 'Until when, not included; at most five years from now.' }),
  }),
});
