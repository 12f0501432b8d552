import { setTimeout as sleep } from 'node:timers/promises';
import { equalBytes } from '../../kernel/bytes.ts';
import type { StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { ProposedEvent, Sender, Sent } from './batch-stream.ts';
import { encodeFrame } from './frame.ts';
import { toServerStream } from './names.ts';
import { type LogPosition, toLogPosition } from './position.ts';
import type { Reader } from './reader.ts';
import { type StoredEvent, toServerId } from './stored-event.ts';

/** What became of events that were sent to stand behind one revision of their stream. */
export type Fate =
  /** They stand. `position` is that of the last one, when the server said it. */
  | { readonly kind: 'written'; readonly position: LogPosition | undefined }
  /** They do not stand and never will: other events took their place. `later` is everything from that place to the end of the stream. */
  | { readonly kind: 'dead'; readonly later: readonly StoredEvent[] }
  /** They do not stand and never will: the server does not take them. */
  | { readonly kind: 'refused'; readonly why: 'too-large' | 'denied' }
  /** Nobody waits for the answer any more, and nobody knows. */
  | { readonly kind: 'unknown' };

export interface AttemptOptions {
  readonly prefix: string;
  readonly sender: Sender;
  readonly reader: Pick<Reader, 'page'>;
  /** Asked between sendings: whether to go on asking for the fate. */
  readonly goOn: () => boolean;
  /** Told what made the fate of a sending doubtful. */
  readonly doubted: (cause: unknown) => void;
}

const FIRST_PAUSE_MS = 25;
const LAST_PAUSE_MS = 1_000;

/**
 * Sends events to stand behind `expected` until their fate is seen: what is in doubt is sent again as it is, the same ids with the same
 * expected revision, which the server takes once. Nothing newer of the stream may be sent meanwhile: whoever calls this sees to that.
 * Throws `LedgerCorrupt`.
 */
export async function sendUntilKnown(
  options: AttemptOptions,
  stream: StreamName,
  expected: bigint,
  events: readonly StoredEvent[],
): Promise<Fate> {
  const name = toServerStream(options.prefix, stream);
  const proposed = events.map(
    (event): ProposedEvent => ({
      id: toServerId(event.leafHash),
      type: event.type,
      data: event.leaf,
      metadata: encodeFrame(event),
    }),
  );
  let doubted = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LAST_PAUSE_MS)) {
    // If the process stops here, this sending may be written for as long as its place is free; the rows of `requests` lead to it.
    const sent = await options.sender.send(name, expected, proposed);
    const fate = await fateOf(sent);
    if (fate !== undefined) return fate;
    doubted = true;
    await sleep(pause);
    if (!options.goOn()) return { kind: 'unknown' };
  }

  async function fateOf(sent: Sent): Promise<Fate | undefined> {
    switch (sent.kind) {
      case 'written':
        if (sent.revision !== expected + BigInt(events.length))
          throw new LedgerCorrupt(`the server acknowledged ${stream} at a revision that it was not sent for`);
        return { kind: 'written', position: sent.position };
      case 'wrong-version':
        return whoStands();
      case 'refused':
        if (sent.why === 'deleted') throw new LedgerCorrupt(`${stream} was deleted for ever`);
        // An earlier sending may have been taken before the server's mind changed.
        if (!doubted) return { kind: 'refused', why: sent.why };
        options.doubted(new Error(sent.why));
        return undefined;
      case 'doubt':
        options.doubted(sent.cause);
        return undefined;
    }
  }

  /** Other events may stand in the place, or our own from a sending whose answer was lost. */
  async function whoStands(): Promise<Fate | undefined> {
    try {
      const later: StoredEvent[] = [];
      for (let next = expected + 1n; ; ) {
        const page = await options.reader.page(stream, next);
        later.push(...page.events);
        if (page.ended) break;
        next += BigInt(page.events.length);
      }
      const [first] = later;
      if (first === undefined) throw new LedgerCorrupt(`${stream} ends before what was read of it`);
      const ours = events.filter((event, i) => equalBytes(event.leafHash, later[i]?.leafHash ?? NOTHING)).length;
      if (ours === 0) return { kind: 'dead', later };
      if (ours < events.length) throw new LedgerCorrupt(`an append to ${stream} stands in part`);
      const last = later[events.length - 1];
      return { kind: 'written', position: last && toLogPosition(last.position) };
    } catch (error) {
      if (error instanceof LedgerCorrupt) throw error;
      // Who cannot read does not know: the same is sent again, and says the same.
      options.doubted(error);
      return undefined;
    }
  }
}

const NOTHING = new Uint8Array(0);
