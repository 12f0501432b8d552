import { builder } from '../builder.ts';

export const CodeVerificationType = builder.objectRef<{ readonly live: 'yes' }>('CodeVerification').implement({
  description: 'The code is live. Says nothing of the person.',
  fields: (t) => ({
    live: t.boolean({ description: 'Always true: every other code is answered by a refusal.', resolve: () => true }),
  }),
});
