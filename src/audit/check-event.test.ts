import { beforeAll, describe, expect, it } from 'vitest';
import { TEST_IDENTITY } from '../../test/support/postgres-ledger.ts';
import { soon, unsealedLedger } from '../../test/support/unsealed-ledger.ts';
import { utf8 } from '../kernel/bytes.ts';
import { type EventId, institutionStream, type StreamName, toId16 } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import { emptyHead, nextHead } from '../ledger/chain.ts';
import type { LedgerIdentity, RecordedEvent } from '../ledger/port.ts';
import { recordEvent } from '../ledger/recording.ts';
import { nodeSuite as suite } from '../suite-node/suite.ts';
import { checkBytes } from './check-event.ts';
import type { FindingKind } from './finding.ts';
import { type StreamSeen, withEvent } from './stream-seen.ts';

const stream = institutionStream(toId16(new Uint8Array(16).fill(1)));
const entropy = { bytes: (length: number) => new Uint8Array(length).fill(7) };
let events: RecordedEvent[];
let before: StreamSeen;
beforeAll(async () => {
  const on = unsealedLedger('bytes');
  for (let n = 0; n < 2; n++) {
    const told = { ...soon(), seen: [] };
    await on.ledger.append(
      stream,
      [on.seal(stream, { type: 'institution.ended@1', retained: { reason: 'r' } }, told)],
      told,
    );
  }
  [events = []] = (await on.ledger.readStreams([{ stream }])) as RecordedEvent[][];
  before = withEvent(undefined, event(0));
});
const event = (n: number): RecordedEvent => events[n] as RecordedEvent;
const check = (
  changed: RecordedEvent,
  after: StreamSeen | undefined = before,
  identity: LedgerIdentity = TEST_IDENTITY,
) => checkBytes(suite, identity, changed, after)?.kind;

/** The event made anew, whole in itself, at another place. */
const remade = (over: {
  id?: EventId;
  revision?: bigint;
  prev?: Uint8Array<ArrayBuffer>;
  time?: Instant;
  type?: string;
}) => {
  const { prev = before.head, revision = 1n, time = event(1).time, ...rest } = over;
  const context = { identity: TEST_IDENTITY, suite, entropy };
  return recordEvent(context, { ...event(1), ...rest }, { position: event(1).position, stream, revision, prev, time });
};

describe('the bytes of an event', () => {
  it('are right as they were stored, at the beginning of a stream and behind it', () => {
    expect(checkBytes(suite, TEST_IDENTITY, event(0), undefined)).toBeUndefined();
    expect(check(event(1))).toBeUndefined();
    expect(check(remade({}))).toBeUndefined();
  });

  const OTHER: readonly (readonly [string, () => Partial<RecordedEvent>, FindingKind])[] = [
    ['its leaf is no leaf', () => ({ leaf: utf8('hello\n') }), 'leaf-malformed'],
    ["its leaf is another event's", () => ({ leaf: event(0).leaf }), 'leaf-hash'],
    ['its leaf hash is another', () => ({ leafHash: event(0).leafHash }), 'leaf-hash'],
    ['a commitment beside the leaf is another', () => ({ commitments: event(0).commitments }), 'leaf-malformed'],
    ['its header is no header', () => ({ header: utf8('{}') }), 'header-malformed'],
    ["its header is another event's", () => ({ header: event(0).header }), 'header-mismatch'],
    ['its opening is another', () => ({ headerOpening: new Uint8Array(32) }), 'header-commitment'],
    ['its opening is short', () => ({ headerOpening: new Uint8Array(31) }), 'header-commitment'],
    ['it says to be of another id', () => ({ id: event(0).id }), 'header-mismatch'],
    ['it says to be of another stream', () => ({ stream: 'x'.repeat(70_000) as StreamName }), 'header-mismatch'],
    ['it says to be of another type', () => ({ type: 'institution.changed@1' }), 'header-mismatch'],
    ['it says to be of another revision', () => ({ revision: 2n }), 'header-mismatch'],
    ['it says to be of another time', () => ({ time: '2000-01-01T00:00:00.000Z' as Instant }), 'header-mismatch'],
    ['its head is another', () => ({ head: event(0).head }), 'chain-broken'],
    ['its revision leaves one out', () => remade({ revision: 2n }), 'revision-gap'],
    ['it follows another head', () => remade({ prev: emptyHead(suite, TEST_IDENTITY.origin, stream) }), 'chain-broken'],
    [
      'its header follows another head than its chain does',
      () => {
        const made = remade({ prev: emptyHead(suite, TEST_IDENTITY.origin, stream) });
        return { ...made, head: nextHead(suite, before.head, made.leafHash) };
      },
      'chain-broken',
    ],
    [
      'it is earlier than the one before it',
      () => remade({ time: '2000-01-01T00:00:00.000Z' as Instant }),
      'time-order',
    ],
    ['its type is not known', () => remade({ type: 'institution.merged@1' }), 'unknown-type'],
  ];

  it.each(OTHER)('are wrong when %s', (_, change, kind) => {
    expect(check({ ...event(1), ...change() })).toBe(kind);
  });

  it('of a first event follow the empty head of their own stream', () => {
    expect(checkBytes(suite, TEST_IDENTITY, event(1), undefined)?.kind).toBe('revision-gap');
    expect(check(event(0))).toBe('revision-gap');
    const ofNobody = remade({ revision: 0n });
    expect(checkBytes(suite, TEST_IDENTITY, ofNobody, undefined)?.kind).toBe('chain-broken');
  });

  it('of another ledger are told as such', () => {
    expect(check(event(1), before, { ...TEST_IDENTITY, origin: 'health.example/310000' })).toBe('foreign-leaf');
  });
});
