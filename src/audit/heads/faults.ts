import { Fault } from '../../kernel/fault.ts';

/** The database is not the one that was seen here, or is it as of an earlier point. Nothing was appended to it. */
export class DatabaseRestored extends Fault {
  readonly code = 'database-restored';
  readonly seen: bigint;
  readonly found: bigint;

  constructor(seen: bigint, found: bigint) {
    const why =
      found < seen
        ? `it holds ${found} events, and ${seen} were seen from here: it is older, such as one restored from a backup`
        : `event ${seen} is not the one that was seen from here: it is another one, or went on from an older point`;
    super(`this database lacks what was seen of its ledger: ${why}`, {
      next: 'bring the newest database back; or go on with this one, recorded in the ledger: npm run accept-restore -- --reason TEXT',
    });
    this.seen = seen;
    this.found = found;
  }
}

/** The file that says what was seen of the ledger is there and cannot be used. */
export class HeadsUnreadable extends Fault {
  readonly code = 'heads-unreadable';
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`${path} does not say what was seen of the ledger`, {
      cause,
      next: 'restore the file; or go on without it, recorded in the ledger: npm run accept-restore -- --reason TEXT',
    });
    this.path = path;
  }
}

/** What is seen of the ledger cannot be kept, so that a restored database would not be found. What stood in the folder stands. */
export class HeadsUnwritable extends Fault {
  readonly code = 'heads-unwritable';
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`what is seen of the ledger cannot be written to ${path}`, {
      cause,
      next: 'set DATA_DIR to a folder that this user may write',
    });
    this.path = path;
  }
}
