import { Fault } from '../../kernel/fault.ts';

/** Where events are kept, as the settings name it. */
export type EngineName = 'postgres' | 'eventstore';

const SET: { readonly [E in EngineName]: string } = {
  postgres: 'LEDGER_ENGINE=postgres and leave EVENTSTORE_URL out',
  eventstore: 'LEDGER_ENGINE=eventstore and EVENTSTORE_URL',
};

/** The ledger of this database lives in another engine; in this one there is none, or an old copy. Nothing was read or written. */
export class LedgerElsewhere extends Fault {
  readonly code = 'ledger-elsewhere';

  constructor(home: EngineName, asked: EngineName) {
    super(`the ledger of this database is on ${home}, not on ${asked}`, {
      next: `set ${SET[home]}; to move it, npm run copy-ledger -- --from ${home} --to ${asked}`,
    });
  }
}

/** It is being moved, and nothing may be appended before that has been finished or given up. */
export class LedgerMoving extends Fault {
  readonly code = 'ledger-moving';

  constructor(from: EngineName, to: EngineName) {
    super(`the ledger of this database is being moved from ${from} to ${to}`, {
      next: `finish with npm run copy-ledger -- --from ${from} --to ${to}, or give up with npm run copy-ledger -- --abort`,
    });
  }
}

/** Nothing was ever opened in this database, so there is nothing to move. */
export class LedgerAbsent extends Fault {
  readonly code = 'ledger-absent';

  constructor() {
    super('no ledger was ever opened in this database', {
      next: 'see that DATABASE_URL or DATA_DIR name the right one',
    });
  }
}

/** There is no move under way. Nothing was changed. */
export class NothingMoves extends Fault {
  readonly code = 'nothing-moves';

  constructor(home: EngineName) {
    super(`the ledger of this database is on ${home}, and no move is under way`, {
      next: 'start with that engine, as before',
    });
  }
}

/** The user of DATABASE_URL may append whatever the owner takes away: the ledger cannot be kept still. Nothing was changed. */
export class SourceWritable extends Fault {
  readonly code = 'source-writable';

  constructor(table: string) {
    super(
      `the user of DATABASE_URL keeps its right to insert into ${table}: it owns the table, or was granted it apart`,
      {
        next: 'let the application run as a user of its own that is a member of hrl_app and nothing else, then copy again',
      },
    );
  }
}

/** Another process copies this ledger at this moment. */
export class CopyRunning extends Fault {
  readonly code = 'copy-running';

  constructor() {
    super('another process is moving the ledger of this database', { next: 'wait for it, or end it, then try again' });
  }
}
