import type { ArgBuilder } from '@pothos/core';
import type { BuilderTypes } from './builder.ts';

/** The argument that makes a command safe to send again. */
export function requestIdArg(arg: ArgBuilder<BuilderTypes>) {
  return arg.string({
    description: 'Your choice, 8 to 64 of A-Z a-z 0-9 . _ -; the same when you send the same command again.',
  });
}
