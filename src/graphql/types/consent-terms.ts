import type { ConsentView } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';
import { GranteeType } from './grantee.ts';
import { InstantScalar } from './instant.ts';
import { LabelEnum } from './label.ts';
import { PeriodType } from './period.ts';
import { PurposeEnum } from './purpose.ts';

export const ConsentTermsType = builder.objectRef<ConsentView['terms']>('ConsentTerms').implement({
  description: 'What a request asks for and a grant gives.',
  fields: (t) => ({
    grantee: t.expose('grantee', { type: GranteeType, description: 'To whom.' }),
    purposes: t.expose('purposes', {
      type: [PurposeEnum],
      description: 'For which purposes; each covers its sub-purposes.',
    }),
    categories: t.expose('categories', { type: [CategoryEnum], description: 'Which categories of records.' }),
    labels: t.expose('labels', {
      type: [LabelEnum],
      description: 'Which labelled records are included; all others that bear a label are left out.',
    }),
    period: t.expose('period', { type: PeriodType, description: 'Which days’ data.' }),
    validFrom: t.field({
      type: InstantScalar,
      description: 'From when the grant may be used.',
      resolve: ({ validFrom }) => validFrom,
    }),
    validUntil: t.field({
      type: InstantScalar,
      description: 'Until when, not included.',
      resolve: ({ validUntil }) => validUntil,
    }),
  }),
});
