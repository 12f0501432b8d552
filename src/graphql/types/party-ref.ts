import { builder } from '../builder.ts';

export const PartyRefType = builder.objectRef<{ readonly id: string }>('PartyRef').implement({
  description: 'An organisation or practitioner that was registered.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Id of the organisation or practitioner: 22 letters, the same for everybody.',
    }),
  }),
});
