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
