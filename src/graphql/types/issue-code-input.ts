import { builder } from '../builder.ts';
import { DocumentInput } from './document-input.ts';

export const IssueCodeInput = builder.inputType('IssueCodeInput', {
  description: 'Who is to have a code, by documents.',
  fields: (t) => ({ documents: t.field({ type: [DocumentInput], description: '1 to 8 documents of one resident.' }) }),
});
