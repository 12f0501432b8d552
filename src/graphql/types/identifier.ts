import { builder } from '../builder.ts';

export const IdentifierType = builder
  .objectRef<{ readonly system: string; readonly number: string }>('Identifier')
  .implement({
    description: 'A number that somebody issued.',
    fields: (t) => ({
      system: t.exposeString('system', {
        description: 'Who issued it, a URI; such as that of the unified social credit code.',
      }),
      number: t.exposeString('number', { description: 'The number.' }),
    }),
  });
