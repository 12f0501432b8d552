import { builder } from '../builder.ts';
import { AuthenticationEnum } from './authentication.ts';

export const EvidenceInput = builder.inputType('EvidenceInput', {
  description: 'What the resident saw and how they said yes (PIPL 14, 17, 29). It stands in the grant.',
  fields: (t) => ({
    noticeHash: t.string({ description: 'SHA-256 of the exact notice, base64url (43 letters).' }),
    noticeVersion: t.string({ description: 'Version of the notice, at most 32 letters.' }),
    language: t.string({ description: 'Language of the notice, such as `zh-CN`.' }),
    channel: t.string({
      description: 'WS/T channel, four digits: 0100 counter, 0200 kiosk, 0300 doctor’s desk, 0402 mini-program …',
    }),
    authentication: t.field({ type: AuthenticationEnum, description: 'How the resident showed who they are.' }),
  }),
});
