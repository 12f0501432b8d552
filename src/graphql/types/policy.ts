import type { Policy } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { PolicyRuleType } from './policy-rule.ts';

export interface PolicyInForce {
  readonly hash: string;
  readonly policy: Policy;
}

export const PolicyType = builder.objectRef<PolicyInForce>('Policy').implement({
  description: 'The region’s policy in force.',
  fields: (t) => ({
    hash: t.exposeString('hash', { description: 'SHA-256 of its canonical form, base64url. Access events name it.' }),
    version: t.string({ description: 'Its version, as adopted.', resolve: ({ policy }) => policy.version }),
    rules: t.field({ type: [PolicyRuleType], description: 'Its rules.', resolve: ({ policy }) => [...policy.rules] }),
  }),
});
