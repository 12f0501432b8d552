import { builder } from '../builder.ts';

export const ConsentRefType = builder.objectRef<{ readonly consentId: string }>('ConsentRef').implement({
  description: 'A consent that was asked for or granted.',
  fields: (t) => ({
    consentId: t.exposeID('consentId', {
      description: 'Id of the consent. For a request it is given whether or not anybody is behind the code.',
    }),
  }),
});
