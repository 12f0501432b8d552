import type { ArgBuilder } from '@pothos/core';
import { DEFAULT_PAGE, MAX_PAGE } from '../app/input.ts';
import type { BuilderTypes } from './builder.ts';

const LOGGED = { gated: ' Each page is an access of its own, and is logged as one.', open: '' } as const;

/** `first` and `after`: every page is a call of its own, and of a gated field an access of its own. */
export function pagingArgs(arg: ArgBuilder<BuilderTypes>, kind: 'gated' | 'open') {
  return {
    first: arg.int({
      required: false,
      defaultValue: DEFAULT_PAGE,
      description: `How many rows at most, 1 to ${MAX_PAGE}.${LOGGED[kind]}`,
    }),
    after: arg.string({ required: false, description: 'The `endCursor` of the page before.' }),
  };
}
