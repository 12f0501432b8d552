import { builder } from '../builder.ts';
import { PolicyInput } from './policy-input.ts';

export const AdoptPolicyInput = builder.inputType('AdoptPolicyInput', {
  description: 'The policy that the region adopts.',
  fields: (t) => ({ policy: t.field({ type: PolicyInput, description: 'The policy.' }) }),
});
