import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';
import { GranteeKindEnum } from './grantee-kind.ts';
import { InstantScalar } from './instant.ts';
import { LabelEnum } from './label.ts';
import { PeriodInput } from './period-input.ts';
import { PurposeEnum } from './purpose.ts';

export const RequestConsentInput = builder.inputType('RequestConsentInput', {
  description: 'What a practitioner asks a resident for.',
  fields: (t) => ({
    code: t.string({ description: 'A health code of the resident.' }),
    granteeKind: t.field({
      type: GranteeKindEnum,
      description: 'INSTITUTION: for the organisation of the token. PRACTITIONER: for the asker alone.',
    }),
    purposes: t.field({ type: [PurposeEnum], description: 'At least one. Each covers its sub-purposes.' }),
    categories: t.field({ type: [CategoryEnum], description: 'At least one.' }),
    labels: t.field({
      type: [LabelEnum],
      required: false,
      description: 'Labelled records to include; none when left out.',
    }),
    period: t.field({ type: PeriodInput, description: 'Which days’ data.' }),
    validFrom: t.field({
      type: InstantScalar,
      required: false,
      description: 'From when the grant is to be used; now when left out.',
    }),
    validUntil: t.field({ type: InstantScalar, description: 'Until when, not included; at most five years from now.' }),
    answerBy: t.field({
      type: InstantScalar,
      required: false,
      description: 'Until when the resident can answer, at most 30 days from now; 14 days when left out.',
    }),
    message: t.string({ required: false, description: 'What the resident is told, at most 500 letters.' }),
  }),
});
