import type { Receipt } from '../../app/api.ts';
import { builder } from '../builder.ts';

export const ReceiptType = builder.objectRef<Receipt>('Receipt').implement({
  description: 'The command was carried out, and is durable.',
  fields: (t) => ({
    event: t.exposeID('event', {
      nullable: true,
      description:
        'Id of the first event that the command appended; null when there was nothing to do, or when it has none to tell.',
    }),
  }),
});
