import type { RecordedEvent as ServerEvent } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { TEST_IDENTITY } from '../../../test/support/postgres-ledger.ts';
import { sealedEvents } from '../../../test/support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../../../test/support/seeded.ts';
import { nodeSuite as suite } from '../../suite-node/suite.ts';
import { emptyHead } from '../chain.ts';
import { LedgerCorrupt } from '../faults.ts';
import type { Position, RecordedEvent } from '../port.ts';
import { recordEvent } from '../recording.ts';
import { encodeFrame, parseFrame } from './frame.ts';
import { toRecordedEvent, toServerId, toStoredEvent } from './stored-event.ts';

const entropy = seededEntropy('stored');
const make = sealedEvents(entropy);
const stream = make.stream();
const POSITION = '00000000000000000042-00000000000000000042' as Position;
const context = { identity: TEST_IDENTITY, suite, prefix: 'hrl:' };

function recorded(
  revision = 0n,
  identity: typeof context.identity | { origin: string; suite: 'international' } = TEST_IDENTITY,
) {
  const prev = emptyHead(suite, TEST_IDENTITY.origin, stream);
  const place = { position: POSITION, stream, revision, prev, time: SEEDED_START };
  return recordEvent({ identity, suite, entropy }, make.event(), place);
}

const onServer = (event: RecordedEvent, over: Partial<ServerEvent> = {}): ServerEvent =>
  ({
    streamId: `hrl:${stream}`,
    id: toServerId(event.leafHash),
    revision: event.revision,
    type: event.type,
    data: Buffer.from(event.leaf),
    metadata: encodeFrame({ ...event, beside: -1n }),
    isJson: false,
    created: new Date(0),
    position: { commit: 42n, prepare: 42n },
    ...over,
  }) as ServerEvent;

const event = recorded();
const other = recorded();

describe('an event of ours on the server', () => {
  it('is read back as it was recorded', () => {
    const stored = toStoredEvent(context, onServer(event));
    expect(stored?.beside).toBe(-1n);
    expect(stored && toRecordedEvent(stored)).toEqual(event);
  });

  it('is none where the stream is none of ours', () => {
    for (const streamId of [stream, `other:${stream}`, '$stats-0.0.0.0:2113', `$$hrl:${stream}`])
      expect(toStoredEvent(context, onServer(event, { streamId }))).toBeUndefined();
  });

  const frame = parseFrame(encodeFrame({ ...event, beside: -1n }));
  const wrong: Readonly<Record<string, Partial<ServerEvent>>> = {
    'another id': { id: toServerId(other.leafHash) },
    'another type': { type: 'access.denied@1' },
    'another revision': { revision: 1n },
    'the stream of another subject': { streamId: `hrl:${make.stream()}` },
    'a stream of no such name': { streamId: 'hrl:orders' },
    'the leaf of another event': { data: Buffer.from(other.leaf) },
    'a leaf cut short': { data: Buffer.from(event.leaf.subarray(1)) },
    'the header of another event': { metadata: encodeFrame({ ...frame, header: other.header }) },
    'another opening': { metadata: encodeFrame({ ...frame, headerOpening: other.headerOpening }) },
    'metadata that is no frame': { metadata: new Uint8Array(10) },
    'metadata that is JSON': { metadata: { a: 1 } },
    'no metadata': { metadata: undefined as never },
    'data that is JSON': { data: { a: 1 } as never, isJson: true },
    'no position': { position: undefined as never },
  };

  it.each(Object.keys(wrong))('with %s is corrupt', (what) => {
    expect(() => toStoredEvent(context, onServer(event, wrong[what]))).toThrow(LedgerCorrupt);
  });

  it('of another ledger is corrupt, though it is whole in itself', () => {
    const foreign = recorded(0n, { origin: 'health.example/310000', suite: 'international' });
    expect(() => toStoredEvent(context, onServer(foreign))).toThrow(LedgerCorrupt);
  });

  it('with any bit of its leaf or header turned is corrupt', () => {
    const turned = (bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> =>
      new Uint8Array(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
    for (let at = 0; at < event.leaf.length; at++) {
      const data = turned(event.leaf, at);
      expect(() => toStoredEvent(context, onServer(event, { data: Buffer.from(data) })), `leaf ${at}`).toThrow(
        LedgerCorrupt,
      );
    }
    for (let at = 0; at < event.header.length; at++) {
      const metadata = encodeFrame({ ...frame, header: turned(event.header, at) });
      expect(() => toStoredEvent(context, onServer(event, { metadata })), `header ${at}`).toThrow(LedgerCorrupt);
    }
  });
});
