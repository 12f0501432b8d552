import { Fault } from '../../kernel/fault.ts';

/** The target holds something that the source does not. It is another ledger, or went on by itself. Nothing was written to it. */
export class TargetDiffers extends Fault {
  readonly code = 'copy-differs';
  /** The how-manieth event of the target it is, from 1. */
  readonly number: bigint;

  constructor(number: bigint, where: string, why: string) {
    super(`the target's event ${number}, ${where}, ${why}`, {
      next: 'copy into an empty ledger: another EVENTSTORE_PREFIX, or another database; run npm run fsck where it lives now',
    });
    this.number = number;
  }
}

/** What the target gives back is not what was put into it, or it lacks the end. The ledger lives where it lived. */
export class CopyIncomplete extends Fault {
  readonly code = 'copy-incomplete';

  constructor(events: bigint) {
    super(`the target ends after ${events} events, and the source goes on`, {
      next: 'see that nobody writes to either, then copy again',
    });
  }
}
