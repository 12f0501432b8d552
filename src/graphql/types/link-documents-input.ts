import { builder } from '../builder.ts';
import { DocumentInput } from './document-input.ts';

export const LinkDocumentsInput = builder.inputType('LinkDocumentsInput', {
  description: 'More documents of a registered resident.',
  fields: (t) => ({
    code: t.string({ description: 'A health code of the resident.' }),
    documents: t.field({ type: [DocumentInput], description: '1 to 32 documents.' }),
  }),
});
