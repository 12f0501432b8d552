/**
 * SQLSTATE classes and codes of a server that is away, full, stopping, or was waited for too long; a deadlock and a lost race too. XX000 is
 * what it says of a failure of its own, such as a file that may not grow (EFBIG). Last, our own `ConnectionBroken`.
 */
const OUTAGE = /^(?:08|40|53|57|58)[0-9A-Z]{3}$|^55P03$|^25P03$|^XX000$|^CONNECT|^E[A-Z]{4,}$|^connection-broken$/;

/** True when the database could not be asked, or did not answer: the same statement may succeed later. A wrong statement is not that. */
export function isAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && OUTAGE.test(code);
}

/** What may be kept of a driver's error: its code. Its message, detail and parameters can quote rows. */
export function causeOf(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return Object.assign(new Error(`the database said ${code}`), { code });
}

/** After so long the server gives a statement up, unless a pool is told otherwise. A decision lives five seconds: nobody can use a later answer. */
export const STATEMENT_MS = 20_000;
/** A connection that has said nothing for so long although it was asked is taken for broken: somewhat later than its server gives up. */
export const silenceMs = (statementMs: number): number => 1.25 * statementMs;
/** Longer than any connection is believed in: what is still unanswered then never will be. */
const UNANSWERED_MS = 30_000;

/** The driver did not answer at all. Carries a code that `isAway` knows. */
function unanswered(): Error {
  return Object.assign(new Error('no answer'), { code: 'CONNECT_UNANSWERED' });
}

/**
 * The same answer, or an outage after a time in which there must have been one: a query that is sent in the moment in which its connection
 * breaks is sometimes never answered by the driver (postgres 3.4.9).
 */
export async function answered<T>(query: Promise<T>, patienceMs = UNANSWERED_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unanswered()), patienceMs);
  });
  try {
    return await Promise.race([query, silence]);
  } finally {
    clearTimeout(timer);
  }
}
