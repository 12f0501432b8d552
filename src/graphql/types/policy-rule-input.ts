import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';
import { LabelEnum } from './label.ts';
import { PolicyRuleKindEnum } from './policy-rule-kind.ts';
import { PurposeEnum } from './purpose.ts';

export const PolicyRuleInput = builder.inputType('PolicyRuleInput', {
  description: 'One rule of the region’s policy.',
  fields: (t) => ({
    id: t.string({ description: 'Its name within the policy: small letters, digits and hyphens.' }),
    kind: t.field({ type: PolicyRuleKindEnum, description: 'What it permits.' }),
    purposes: t.field({ type: [PurposeEnum], description: 'At least one. Each covers its sub-purposes.' }),
    categories: t.field({ type: [CategoryEnum], description: 'At least one.' }),
    labels: t.field({
      type: [LabelEnum],
      required: false,
      description: 'Labelled records to include; none when left out.',
    }),
    basis: t.string({
      description: 'The article of law that stands as basis in every access under it, at most 64 letters.',
    }),
    institutions: t.idList({
      required: false,
      description: 'Statutory rules only: ids of the organisations that may read.',
    }),
  }),
});
