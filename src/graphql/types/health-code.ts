import type { CodeState } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { HealthCodeStateEnum } from './health-code-state.ts';
import { InstantScalar } from './instant.ts';

export const HealthCodeType = builder.objectRef<CodeState>('HealthCode').implement({
  description: 'One of the resident’s health codes. Its text is on the card, not here.',
  fields: (t) => ({
    ref: t.exposeID('ref', { description: 'Names the code without telling it.' }),
    state: t.expose('state', { type: HealthCodeStateEnum, description: 'How it stands.' }),
    issuedAt: t.field({ type: InstantScalar, description: 'When it was issued.', resolve: ({ issuedAt }) => issuedAt }),
  }),
});
