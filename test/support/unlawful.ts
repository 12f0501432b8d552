import { sealEvents } from '../../src/app/seal-events.ts';
import type { Difference } from '../../src/audit/replay/difference.ts';
import { replayLedger } from '../../src/audit/replay/replay.ts';
import type { AnyNewEvent } from '../../src/domain/catalogue.ts';
import { READ_GUARDS } from '../../src/domain/guards.ts';
import type { ActorRef } from '../../src/kernel/event.ts';
import { type EventId, type StreamName, toEventId } from '../../src/kernel/id.ts';
import { addMs, type Instant } from '../../src/kernel/instant.ts';
import type { Position, Seen } from '../../src/ledger/port.ts';
import type { Node } from '../../src/main.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';

/** Somebody who writes to a ledger past the rules, through its port: seals, conditions and chains are all right, the decision is not. */

export interface Unlawful {
  readonly stream: StreamName;
  readonly by: ActorRef;
  readonly events: readonly AnyNewEvent[];
  /** What it says it has seen, each as it stands now; all that its stream may guard, and more, unless told. */
  readonly seen?: readonly { readonly stream: StreamName; readonly kinds: readonly string[] }[];
  readonly notAfter?: (decided: Instant) => Instant;
  readonly firstId?: EventId;
}

const ALL_KINDS = ['access.', 'code.', 'consent.', 'emergency.', 'erasure.', 'identity.', 'institution.', 'ledger.'];
const EVERYTHING = [...ALL_KINDS, 'practitioner.', 'record.'];

/** Everything that could be guarded of these streams. */
export const guarding = (...streams: readonly (StreamName | undefined)[]) =>
  streams.flatMap((stream) => (stream === undefined ? [] : [{ stream, kinds: EVERYTHING }]));

/** What the gate guards of the resident: not what was registered there since. */
export const asRead = (resident: StreamName, ...others: readonly StreamName[]) => [
  { stream: resident, kinds: [...READ_GUARDS.resident] },
  ...guarding(...others),
];

/** Appends it, and returns what replay finds wrong in what is new. */
export async function unlawfully(
  node: Node,
  { stream, by, events, seen, notAfter, firstId }: Unlawful,
): Promise<readonly Difference[]> {
  const { app } = node;
  const since = await app.ledger.end();
  const looked: Seen[] = [];
  for (const one of seen ?? guarding(stream)) {
    looked.push({ ...one, revision: (await app.ledger.head(one.stream))?.revision ?? -1n });
  }
  const decided = app.clock.now();
  const condition = { seen: looked, decided, notAfter: notAfter?.(decided) ?? addMs(decided, 5_000) };
  const keys = await app.vault.keysOf(stream, decided);
  const given = events.map((event, i) => ({
    id: i === 0 && firstId !== undefined ? firstId : toEventId(nodeEntropy.bytes(16)),
    event,
  }));
  await app.ledger.append(stream, sealEvents(keys, given, { by }, condition), condition);
  return newDifferences(node, since);
}

async function newDifferences(node: Node, since: Position | undefined): Promise<readonly Difference[]> {
  const { differences } = await replayLedger(node.audit);
  const { compare, parsePosition } = node.app.ledger;
  return differences.filter(({ position }) => since === undefined || compare(parsePosition(position), since) > 0);
}
