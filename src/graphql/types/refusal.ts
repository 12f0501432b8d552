import type { Refusal } from '../../app/outcome.ts';
import { REFUSALS } from '../../domain/refusals.ts';
import { builder } from '../builder.ts';
import { RefusalCodeEnum } from './refusal-code.ts';

export const RefusalType = builder.objectRef<Refusal>('Refusal').implement({
  description:
    'A rule said no, and nothing was changed or opened. Asking again gives the same answer until something else changes.',
  fields: (t) => ({
    code: t.expose('code', { type: RefusalCodeEnum, description: 'Which no.' }),
    message: t.string({
      description: 'What to try next, in one constant sentence of the code. It names nobody.',
      resolve: ({ code }) => REFUSALS[code].message,
    }),
  }),
});
