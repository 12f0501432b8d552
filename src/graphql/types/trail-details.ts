import type { TrailEntry } from '../../app/api.ts';
import type { Category } from '../../domain/terms.ts';
import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';

export const TrailDetailsType = builder.objectRef<NonNullable<TrailEntry['details']>>('TrailDetails').implement({
  description:
    'Why an access was decided as it was, and what it covered. Kept for the retention period (three years at least).',
  fields: (t) => ({
    rule: t.exposeString('rule', {
      nullable: true,
      description: 'The rule that decided, such as `grant` or `no-consent`.',
    }),
    basis: t.exposeString('basis', { nullable: true, description: 'Legal basis, such as `PIPL-13-1`.' }),
    policy: t.exposeString('policy', { nullable: true, description: 'Hash of the policy in force.' }),
    what: t.exposeString('what', {
      nullable: true,
      description: 'What was asked for, such as `records` or `content`.',
    }),
    categories: t.field({
      type: [CategoryEnum],
      description: 'Categories of the records that were opened.',
      resolve: ({ categories }) => categories as Category[],
    }),
    count: t.exposeInt('count', { nullable: true, description: 'How many records were opened.' }),
    grants: t.exposeIDList('grants', { description: 'Ids of the consents that were used.' }),
    servedRoot: t.exposeString('servedRoot', {
      nullable: true,
      description: 'Root of the served set, base64url: commits to exactly what was opened.',
    }),
  }),
});
