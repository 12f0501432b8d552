import { builder } from '../builder.ts';

export const PolicyRefType = builder.objectRef<{ readonly hash: string }>('PolicyRef').implement({
  description: 'A policy that was adopted.',
  fields: (t) => ({
    hash: t.exposeString('hash', {
      description: 'SHA-256 of the policy’s canonical form, base64url. Access events name it.',
    }),
  }),
});
