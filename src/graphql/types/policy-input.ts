import { builder } from '../builder.ts';
import { PolicyRuleInput } from './policy-rule-input.ts';

export const PolicyInput = builder.inputType('PolicyInput', {
  description: 'A whole policy; it takes the place of the one in force.',
  fields: (t) => ({
    version: t.string({ description: 'Its version, at most 32 letters.' }),
    rules: t.field({ type: [PolicyRuleInput], description: 'At most 64 rules.' }),
  }),
});
