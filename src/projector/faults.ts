import { Fault } from '../kernel/fault.ts';
import type { RecordedEvent } from '../ledger/port.ts';

/** An event cannot be projected. Nothing after it is: the read tables stand still at the event before it until the cause is mended. */
export class ProjectorStopped extends Fault {
  readonly code = 'projector-stopped';
  readonly eventId: string;
  readonly position: string;

  constructor(event: Pick<RecordedEvent, 'id' | 'type' | 'position'>, why: string, cause?: unknown) {
    super(`event ${event.id} (${event.type}) at position ${event.position} cannot be projected: ${why}`, {
      cause,
      next: 'run npm run fsck; the read tables go on from this event once the cause is mended and the process restarted',
    });
    this.eventId = event.id;
    this.position = event.position;
  }
}

/** Some read tables were made by other versions of their projections than this code has. */
export class ReadModelsStale extends Fault {
  readonly code = 'read-models-stale';
  readonly projections: readonly string[];

  constructor(projections: readonly string[]) {
    super(`read tables of other versions than this code's: ${projections.join(', ')}`, {
      next: 'run npm run rebuild with the newest code, as the owner of the tables, and restart older processes',
    });
    this.projections = projections;
  }
}

/** Somebody else projects now. What was to be written was not. */
export class LeaseLost extends Fault {
  readonly code = 'lease-lost';

  constructor() {
    super('another process projects now');
  }
}

/** The tables beside the live ones are not those that this rebuild made, or the live ones would not be let go. */
export class RebuildFailed extends Fault {
  readonly code = 'rebuild-failed';

  constructor(why: string, cause?: unknown) {
    super(`the rebuild was given up, and the live tables are as they were: ${why}`, {
      cause,
      next: 'see that no other rebuild runs, then run npm run rebuild again',
    });
  }
}
