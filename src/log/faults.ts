import { Fault, Malformed } from '../kernel/fault.ts';

/**
 * Why something is not proven. `malformed` is the kernel's fault: bytes or text that no writer writes. `unwitnessed`: true as far as the
 * log's own signature goes, but the policy asks for witnesses who did not sign.
 */
export type Reason =
  | 'malformed'
  | 'forged'
  | 'wrong-size'
  | 'omitted'
  | 'reordered'
  | 'backdated'
  | 'stale'
  | 'withheld-unlawfully'
  | 'unwitnessed';

/** A proof, note or checkpoint that does not show what it should. The message names what failed, never a value. */
export class NotVerified extends Fault {
  readonly code: Exclude<Reason, 'malformed'>;

  constructor(code: Exclude<Reason, 'malformed'>, what: string) {
    super(what);
    this.code = code;
  }
}

/** The reason in an error of a verifier; undefined for any other error, which is a bug or an environment that failed. */
export function reasonOf(error: unknown): Reason | undefined {
  return error instanceof NotVerified || error instanceof Malformed ? error.code : undefined;
}
