import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected } from './commit-check.ts';
import type { LogRecord } from './record.ts';
import type { Proposed } from './writer.ts';

/** What the two kinds of append and the two kinds of deletion have in common on the wire. */
interface ExpectedOnTheWire {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

export function readExpected(options: ExpectedOnTheWire, revision: string): Expected {
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasNoStream() ? -1n : BigInt(revision);
}

/** What a message of either append proposes. Throws where the server does: a bad id, an empty type, no content type. */
export function readProposed(
  message: streams.BatchAppendReq.ProposedMessage | streams.AppendReq.ProposedMessage,
): Proposed {
  const said = message.getMetadataMap();
  const type = said.get('type');
  const contentType = said.get('content-type');
  if (type === undefined || contentType === undefined)
    throw new Error('The given key was not present in the dictionary.');
  if (type === '') throw new Error('Empty eventType provided.');
  return {
    id: readId(message.getId()),
    type,
    json: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

const HEX = /^[0-9a-f]{32}$/;

function readId(id: shared.UUID | undefined): string {
  const bits = id?.getStructured();
  const hex =
    bits === undefined
      ? (id?.getString() ?? '').toLowerCase().replaceAll('-', '')
      : [bits.getMostSignificantBits(), bits.getLeastSignificantBits()]
          .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
          .join('');
  if (!HEX.test(hex)) throw new Error('Guid should contain 32 digits with 4 dashes.');
  if (/^0+$/.test(hex)) throw new Error('Empty eventId provided.');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const streamName = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? new Uint8Array()).toString('utf8');

export function streamIdentifier(name: string): shared.StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name, 'utf8'));
  return identifier;
}

export function eventResponse(record: LogRecord): streams.ReadResp {
  const id = new shared.UUID();
  id.setString(record.id);
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(id);
  recorded.setStreamIdentifier(streamIdentifier(record.stream));
  recorded.setStreamRevision(String(record.revision));
  recorded.setCommitPosition(String(record.position));
  recorded.setPreparePosition(String(record.position));
  const said = recorded.getMetadataMap();
  said.set('type', record.type);
  said.set('created', String(record.created));
  said.set('content-type', record.json ? 'application/json' : 'application/octet-stream');
  recorded.setData(record.data);
  recorded.setCustomMetadata(record.metadata);
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(record.position));
  const response = new streams.ReadResp();
  response.setEvent(event);
  return response;
}
