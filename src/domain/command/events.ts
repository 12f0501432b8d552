import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';

/** What became of a command as such, in the stream that it was written to. */

/**
 * A command that was durable only when what it had been decided on was so no more. It stands: what is written cannot be undone. Only on an
 * engine that cannot look at other streams under a lock.
 */
export const commandLate = declareEvent({
  type: 'command.late@1',
  retention: 'life',
  retained: {
    /** The first event of the command. */
    event: f.pattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'event-id'),
    /** Something newer stood in another stream that the decision had seen, or its time was over. */
    reason: f.oneOf('seen', 'not-after'),
  },
  personal: {},
});

export const COMMAND_EVENTS = [commandLate] as const;
export type CommandEvent = PastEvent<(typeof COMMAND_EVENTS)[number]>;
export type NewCommandEvent = NewEvent<(typeof COMMAND_EVENTS)[number]>;
