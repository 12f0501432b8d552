/**
 * A fault: the world failed (a disk, a peer, a key). Thrown, never returned; a rule that says "no" is a refusal and a value.
 * `code` is stable and printed; `next` says what the reader can do about it. Neither may hold personal data.
 */
export abstract class Fault extends Error {
  abstract readonly code: string;
  readonly next: string | undefined;

  constructor(message: string, options: { cause?: unknown; next?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.next = options.next;
  }
}

/** True for any fault of ours; narrows so that its `code` and `next` can be printed. */
export function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

/** Bytes or text from outside that do not have the one form we accept. The message names the place, never the value. */
export class Malformed extends Fault {
  readonly code = 'malformed';
  readonly path: string;

  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
    this.path = path;
  }
}
