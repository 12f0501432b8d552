import { builder } from '../builder.ts';

export const CodingType = builder.objectRef<{ readonly system: string; readonly code: string }>('Coding').implement({
  description: 'A code of a code system.',
  fields: (t) => ({
    system: t.exposeString('system', { description: 'The code system, a URI.' }),
    code: t.exposeString('code', { description: 'The code in that system.' }),
  }),
});
