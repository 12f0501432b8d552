import { builder } from '../builder.ts';

export const RecordRefType = builder.objectRef<{ readonly record: string }>('RecordRef').implement({
  description: 'A record that was registered.',
  fields: (t) => ({
    record: t.exposeID('record', { description: 'Id of the record, for this actor only.' }),
  }),
});
