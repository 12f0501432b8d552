import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import type { Canonical } from '../../src/kernel/canonical.ts';
import type { EventId } from '../../src/kernel/id.ts';
import { type CommandKey, commandEventId, intentOf } from '../../src/ledger/event-id.ts';
import { hex, SUITES, vectors } from './vectors.ts';

interface EventIdVector extends CommandKey {
  readonly requestKey: string;
  readonly ordinal: number;
  readonly id: EventId;
}
interface IntentVector {
  readonly requestKey: string;
  readonly id: EventId;
  readonly input: Canonical;
  readonly intent: string;
}

describe.each(SUITES)("a command's event id on $name", ({ suite }) => {
  it.each(vectors<EventIdVector>('event-id', 'valid'))('%s is what the vector says', (_, vector) => {
    expect(commandEventId(suite, hex(vector.requestKey), vector, vector.ordinal)).toBe(vector.id);
  });

  it.each(vectors<EventIdVector>('event-id', 'invalid'))('differs for %s', (_, vector) => {
    expect(commandEventId(suite, hex(vector.requestKey), vector, vector.ordinal)).not.toBe(vector.id);
  });
});

describe.each(SUITES)("a command's intent on $name", ({ suite }) => {
  it.each(vectors<IntentVector>('intent', 'valid'))('%s is what the vector says', (_, vector) => {
    expect(toHex(intentOf(suite, hex(vector.requestKey), vector.id, vector.input))).toBe(vector.intent);
  });

  it.each(vectors<IntentVector>('intent', 'invalid'))('differs for %s', (_, vector) => {
    expect(toHex(intentOf(suite, hex(vector.requestKey), vector.id, vector.input))).not.toBe(vector.intent);
  });
});
