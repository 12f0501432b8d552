import type { Policy } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';
import { LabelEnum } from './label.ts';
import { PolicyRuleKindEnum } from './policy-rule-kind.ts';
import { PurposeEnum } from './purpose.ts';

export const PolicyRuleType = builder.objectRef<Policy['rules'][number]>('PolicyRule').implement({
  description: 'One rule of the region’s policy.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Its name within the policy.' }),
    kind: t.expose('kind', { type: PolicyRuleKindEnum, description: 'What it permits.' }),
    purposes: t.expose('purposes', {
      type: [PurposeEnum],
      description: 'For which purposes; each covers its sub-purposes.',
    }),
    categories: t.expose('categories', { type: [CategoryEnum], description: 'Which categories of records.' }),
    labels: t.expose('labels', { type: [LabelEnum], description: 'Which labelled records are included.' }),
    basis: t.exposeString('basis', {
      description: 'The article of law that stands as basis in every access under it.',
    }),
    institutions: t.exposeIDList('institutions', {
      nullable: true,
      description: 'Statutory rules: ids of the organisations that may read; null: the rule is not of that kind.',
    }),
  }),
});
