import type { Content } from '../../app/api.ts';
import { builder } from '../builder.ts';

export const ContentType = builder.objectRef<Content>('Content').implement({
  description: 'A copy of a record’s content.',
  fields: (t) => ({
    event: t.exposeID('event', { description: 'Id of the access event that stands for this answer.' }),
    mediaType: t.exposeString('mediaType', { description: 'Media type, such as `application/fhir+json`.' }),
    text: t.exposeString('text', {
      description: 'The exact text that was registered; its UTF-8 bytes are the stored bytes.',
    }),
    hash: t.exposeString('hash', { description: 'SHA-256 of those bytes, base64url.' }),
  }),
});
