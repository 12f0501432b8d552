import type { ConsentView } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { GranteeKindEnum } from './grantee-kind.ts';

export const GranteeType = builder.objectRef<ConsentView['terms']['grantee']>('Grantee').implement({
  description: 'To whom a consent is given.',
  fields: (t) => ({
    kind: t.expose('kind', { type: GranteeKindEnum, description: 'An organisation, or one practitioner in it.' }),
    institution: t.exposeID('institution', { description: 'Id of the organisation.' }),
    practitioner: t.exposeID('practitioner', {
      nullable: true,
      description: 'Id of the practitioner, when it is one.',
    }),
  }),
});
