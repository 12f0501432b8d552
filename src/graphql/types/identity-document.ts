import type { Profile } from '../../app/api.ts';
import { builder } from '../builder.ts';

export const IdentityDocumentType = builder.objectRef<Profile['documents'][number]>('IdentityDocument').implement({
  description: 'An identity document of the resident.',
  fields: (t) => ({
    type: t.exposeString('type', {
      description:
        'CV02.01.101: 01 identity card (居民身份证), 02 household register, 03 passport, 04 officer’s card, 05 driving licence, 06 and 07 travel permits, 99 other; or `fhir:` and an identifier system.',
    }),
    issuer: t.exposeString('issuer', { description: 'Who issued it.' }),
    number: t.exposeString('number', { description: 'Its number in normal form.' }),
  }),
});
