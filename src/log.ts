import pino, { type Logger } from 'pino';

/**
 * JSON lines on stderr. Nothing personal is ever given to it; errors are reduced to name, code and message (ours hold no values), because a
 * driver's error can carry a row.
 */
export function logger(options: { readonly level: string }): Logger {
  return pino(
    {
      level: options.level,
      base: { program: 'health-record-ledger' },
      serializers: { err: plainError },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Of a foreign error only its name and code: its message may quote data. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { name: 'unknown' };
  const { code } = error as { code?: unknown };
  const ours = 'next' in error;
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(ours ? { message: error.message } : {}),
    ...(error.cause === undefined ? {} : { cause: plainError(error.cause) }),
  };
}
