/** SQLSTATE classes and codes of a server that is away, full, stopping, or was waited for too long; a deadlock and a lost race too. */
const OUTAGE = /^(?:08|40|53|57|58)[0-9A-Z]{3}$|^55P03$|^25P03$|^CONNECT|^E[A-Z]{4,}$/;

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

/** Longer than any statement may take (`openSql`): what is still unanswered then never will be. */
const UNANSWERED_MS = 70_000;

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
