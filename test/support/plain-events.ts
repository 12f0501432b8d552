import { type AnyNewEvent, CATALOGUE } from '../../src/domain/catalogue.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import { u32, utf8 } from '../../src/kernel/bytes.ts';
import { type CommonRetained, decodeRetained, encodePersonal, encodeRetained } from '../../src/kernel/event.ts';
import {
  type EventId,
  type Id16,
  type Label,
  type Mark,
  type StreamName,
  toEventId,
  toId16,
  toLabel,
} from '../../src/kernel/id.ts';
import type { Day, Instant } from '../../src/kernel/instant.ts';
import { addMs } from '../../src/kernel/instant.ts';
import { memoryLedger } from '../../src/ledger/memory/memory-ledger.ts';
import type { Ledger, SealedEvent } from '../../src/ledger/port.ts';
import type { OpenRetained } from '../../src/projector/project-events.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';

/** Events for tests of read models: decided by nobody, "sealed" by writing the canonical bytes as they are. */

const derive = (name: string, n: number) => suite.hash(utf8(name), u32(n));
export const idOf = (name: string, n: number): Id16 => toId16(derive(name, n).slice(0, 16));
export const labelOf = (n: number): Label => toLabel(derive('label', n));
export const markOf = (name: string, n: number): Mark => toBase64Url(derive(name, n)) as Mark;
export const eventIdOf = (name: string, n: number): EventId => toEventId(derive(name, n));
export const START = '2026-11-22T00:00:00.000Z' as Instant;
export const day = (text: string): Day => text as Day;

/** A memory ledger with drawn-out randomness and a clock that goes on one millisecond an append: equal appends, equal ledgers. */
export function testLedger(): Ledger {
  let draws = 0;
  let now = START;
  return memoryLedger({
    identity: { origin: 'health.example/110000', suite: 'international' },
    suite,
    entropy: { bytes: (length) => derive('entropy', draws++).slice(0, length) },
    time: () => {
      now = addMs(now, 1);
      return now;
    },
  });
}

export interface PlainEvent {
  readonly stream: StreamName;
  readonly event: AnyNewEvent;
  readonly by?: CommonRetained['by'];
  readonly seen?: CommonRetained['seen'];
  readonly trace?: string;
  /** The key of its retained part has ended. */
  readonly expired?: boolean;
}

const EXPIRED_KEY = 'plain#expired';

export function sealPlain(id: EventId, plain: PlainEvent): SealedEvent {
  const { event, by = { kind: 'system', id: idOf('actor', 0) }, seen = [], trace, expired = false } = plain;
  const declaration = CATALOGUE.get(event.type);
  if (declaration === undefined) throw new Error(`${event.type} is not in the catalogue`);
  const common = { by, decided: START, notAfter: START, seen, ...(trace === undefined ? {} : { trace }) };
  const retained = encodeRetained(declaration, { ...common, ...event.retained });
  const personal = encodePersonal(declaration, event.personal);
  return {
    id,
    type: event.type,
    commitments: { retained: suite.hash(utf8(id), retained), personal: suite.hash(utf8(id), personal) },
    sealed: {
      retained: { keyId: expired ? EXPIRED_KEY : 'plain#retained', bytes: retained },
      personal: { keyId: 'plain#personal', bytes: personal },
    },
  };
}

/** Opens what `sealPlain` made. */
export const openPlain: OpenRetained = async (refs) =>
  refs.map((ref) => {
    const declaration = CATALOGUE.get(ref.type);
    if (declaration === undefined) throw new Error(`${ref.type} is not in the catalogue`);
    return ref.part.keyId === EXPIRED_KEY ? 'expired' : decodeRetained(declaration, ref.part.bytes);
  });

/** One append an event; ids follow from `name` and the place in the list. */
export async function appendPlain(ledger: Ledger, name: string, events: readonly PlainEvent[]): Promise<void> {
  for (const [i, plain] of events.entries()) {
    await ledger.append(plain.stream, [sealPlain(eventIdOf(name, i), plain)], {
      seen: [],
      decided: START,
      notAfter: '9999-12-31T23:59:59.999Z' as Instant,
    });
  }
}
