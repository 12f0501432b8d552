import { builder } from '../builder.ts';
import { GranteeKindEnum } from './grantee-kind.ts';

export const GranteeInput = builder.inputType('GranteeInput', {
  description: 'To whom a consent is given.',
  fields: (t) => ({
    kind: t.field({ type: GranteeKindEnum, description: 'An organisation, or one practitioner in it.' }),
    institution: t.id({ description: 'Id of the organisation.' }),
    practitioner: t.id({ required: false, description: 'Id of the practitioner: exactly when the grantee is one.' }),
  }),
});
