import { Fault } from '../src/kernel/fault.ts';

/** A program was called in a way that it does not understand; nothing was done. The message never repeats what was given. */
export class BadOption extends Fault {
  readonly code = 'bad-option';

  constructor(option: string, why: string, next = 'call it as --help says') {
    super(`${option} ${why}`, { next });
  }
}
