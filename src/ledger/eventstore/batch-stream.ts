import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import type { CallOptions, ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { Bytes } from '../../kernel/bytes.ts';
import type { Connection } from './client.ts';
import type { LogPosition } from './position.ts';
import { noAnswer } from './server-error.ts';

/** An event as the server takes it. Its id has been made by us, its bytes are never looked at again. */
export interface ProposedEvent {
  /** A lower-case UUID. */
  readonly id: string;
  readonly type: string;
  readonly data: Bytes;
  readonly metadata: Bytes;
}

/** What became of one sending. */
export type Sent =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: LogPosition | undefined }
  /** The stream ends at another revision, so this sending wrote nothing. An earlier one of the same events may have. */
  | { readonly kind: 'wrong-version' }
  /** The server will not take it, now or later, and wrote nothing. */
  | { readonly kind: 'refused'; readonly why: 'too-large' | 'deleted' | 'denied' }
  /** Nobody knows. */
  | { readonly kind: 'doubt'; readonly cause: unknown };

/** Sends appends over one stream of requests, and hears of each what became of it. */
export interface Sender {
  /** Never rejects. `expected` -1n: the stream must be empty. */
  send(stream: string, expected: bigint, events: readonly ProposedEvent[]): Promise<Sent>;
  /** What is under way ends in doubt. */
  close(): void;
}

type Requests = ClientDuplexStream<messages.BatchAppendReq, messages.BatchAppendResp>;

/** What the client's types keep for its own modules (it is made of them). */
interface ClientInside {
  readonly callArguments: (options: { requiresLeader: boolean }, call: CallOptions) => [Metadata, CallOptions];
  readonly GRPCStreamCreator: (
    service: typeof streams.StreamsClient,
    name: string,
    open: (client: streams.StreamsClient) => Requests,
  ) => () => Promise<Requests>;
}

/** A request is cut so that it stays far below what the server takes at once. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
/**
 * The instant, by our clock, at which the server gives an append up; it does so earlier by a time-out of its own. Far off, so that clocks which differ
 * do not turn every append into a doubt.
 */
const DEADLINE_MS = 3_600_000;

/** One stream of requests, until it breaks. */
interface Line {
  readonly requests: Requests;
  readonly client: EventStoreDBClient;
  readonly pending: Map<string, (sent: Sent) => void>;
  readonly outbox: messages.BatchAppendReq[];
  writable: boolean;
  dead: boolean;
}

/**
 * The client's own `appendToStream` keeps what is under way in one map for all clients of a process and leaves rejections of a broken
 * stream to nobody (decision 0038). So this opens that stream of requests itself, by the client's definitions and on its channel.
 * A sending without an answer after `timeoutMs` ends everything under way in doubt, and the connection is given up.
 */
export function batchSender(connection: Connection, timeoutMs: number): Sender {
  let opening: Promise<Line> | undefined;
  let closed = false;

  async function open(): Promise<Line> {
    const { client } = connection;
    const inside = client as unknown as ClientInside;
    const requests = await inside.GRPCStreamCreator(streams.StreamsClient, 'batchAppend', (grpc) =>
      grpc.batchAppend(...inside.callArguments({ requiresLeader: true }, { deadline: Number.POSITIVE_INFINITY })),
    )();
    const line: Line = { requests, client, pending: new Map(), outbox: [], writable: true, dead: false };
    requests.on('data', (answer: messages.BatchAppendResp) => {
      const id = answer.getCorrelationId()?.getString() ?? '';
      const settle = line.pending.get(id) ?? line.pending.get(structured(answer));
      settle?.(toSent(answer));
    });
    requests.on('drain', () => {
      line.writable = true;
      flush(line);
    });
    requests.on('error', (error: unknown) => breakOff(line, error));
    requests.on('end', () => breakOff(line, new Error('the server ended the stream')));
    requests.on('close', () => breakOff(line, new Error('the stream closed')));
    return line;
  }

  function current(): Promise<Line> {
    if (opening === undefined) {
      const made = open();
      opening = made;
      made.then(
        (line) => {
          if (closed) breakOff(line, new Error('closed'));
        },
        () => {
          if (opening === made) opening = undefined;
        },
      );
    }
    return opening;
  }

  function breakOff(line: Line, cause: unknown): void {
    if (line.dead) return;
    line.dead = true;
    opening = undefined;
    line.outbox.length = 0;
    line.requests.cancel();
    for (const settle of [...line.pending.values()]) settle({ kind: 'doubt', cause });
  }

  /** Nothing is written while the stream is full: what waits here is dropped when it breaks, and nobody's promise with it. */
  function flush(line: Line): void {
    while (line.writable && !line.dead) {
      const request = line.outbox.shift();
      if (request === undefined) return;
      line.writable = line.requests.write(request);
    }
  }

  function exchange(line: Line, name: string, expected: bigint, events: readonly ProposedEvent[]): Promise<Sent> {
    return new Promise((resolve) => {
      if (line.dead) return resolve({ kind: 'doubt', cause: new Error('the stream broke') });
      const id = randomUUID();
      const timer = setTimeout(() => {
        breakOff(line, noAnswer());
        connection.giveUp(line.client);
      }, timeoutMs);
      line.pending.set(id, (sent) => {
        clearTimeout(timer);
        line.pending.delete(id);
        resolve(sent);
      });
      line.outbox.push(...requestsOf(id, name, expected, events));
      flush(line);
    });
  }

  return {
    send: async (stream, expected, events) => {
      try {
        if (closed) throw new Error('closed');
        const line = await withinTime(current(), timeoutMs);
        return await exchange(line, stream, expected, events);
      } catch (cause) {
        return { kind: 'doubt', cause };
      }
    },
    close: () => {
      closed = true;
      opening?.then(
        (line) => breakOff(line, new Error('closed')),
        () => {},
      );
    },
  };
}

async function withinTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(noAnswer()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function* requestsOf(
  id: string,
  name: string,
  expected: bigint,
  events: readonly ProposedEvent[],
): Generator<messages.BatchAppendReq> {
  const correlation = new shared.UUID().setString(id);
  let request = new messages.BatchAppendReq().setCorrelationId(correlation).setOptions(optionsOf(name, expected));
  let bytes = 0;
  for (const event of events) {
    const message = proposed(event);
    const size = event.data.length + event.metadata.length;
    if (bytes > 0 && bytes + size > MAX_REQUEST_BYTES) {
      yield request;
      request = new messages.BatchAppendReq().setCorrelationId(correlation);
      bytes = 0;
    }
    bytes += size;
    request.addProposedMessages(message);
  }
  request.setIsFinal(true);
  yield request;
}

function optionsOf(name: string, expected: bigint): messages.BatchAppendReq.Options {
  const options = new messages.BatchAppendReq.Options();
  options.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(name, 'utf8')));
  options.setDeadline(timestamps.Timestamp.fromDate(new Date(Date.now() + DEADLINE_MS)));
  return expected < 0n ? options.setNoStream(new shared.Empty()) : options.setStreamPosition(expected.toString());
}

function proposed({ id, type, data, metadata }: ProposedEvent): messages.BatchAppendReq.ProposedMessage {
  const message = new messages.BatchAppendReq.ProposedMessage();
  message.setId(new shared.UUID().setString(id));
  message.getMetadataMap().set('type', type).set('content-type', 'application/octet-stream');
  message.setData(data);
  message.setCustomMetadata(metadata);
  return message;
}

/** The server may answer with the 128 bits as two numbers. */
function structured(answer: messages.BatchAppendResp): string {
  const numbers = answer.getCorrelationId()?.getStructured();
  if (numbers === undefined) return '';
  const hex = (value: number | string): string => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0');
  const digits = hex(numbers.getMostSignificantBits()) + hex(numbers.getLeastSignificantBits());
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const REFUSALS: ReadonlyMap<string, Sent> = new Map<string, Sent>([
  ['event_store.client.WrongExpectedVersion', { kind: 'wrong-version' }],
  ['event_store.client.MaximumAppendSizeExceeded', { kind: 'refused', why: 'too-large' }],
  ['event_store.client.StreamDeleted', { kind: 'refused', why: 'deleted' }],
  ['event_store.client.AccessDenied', { kind: 'refused', why: 'denied' }],
]);

function toSent(answer: messages.BatchAppendResp): Sent {
  if (answer.hasError()) {
    const name = answer.getError()?.getDetails()?.getTypeName() ?? '';
    return REFUSALS.get(name) ?? { kind: 'doubt', cause: new Error('the server does not know') };
  }
  const success = answer.getSuccess();
  if (success === undefined || !success.hasCurrentRevision())
    return { kind: 'doubt', cause: new Error('an answer that says nothing') };
  const position = success.getPosition();
  return {
    kind: 'written',
    revision: BigInt(success.getCurrentRevision()),
    position: position && {
      commit: BigInt(position.getCommitPosition()),
      prepare: BigInt(position.getPreparePosition()),
    },
  };
}
