import type { NamedRef } from '../../app/api.ts';
import { builder } from '../builder.ts';

export const NamedRefType = builder.objectRef<NamedRef>('NamedRef').implement({
  description: 'An organisation or a person.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id: the same for everybody.' }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'The name it had then; null when it is not registered.',
    }),
  }),
});
