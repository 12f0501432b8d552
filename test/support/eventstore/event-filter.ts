import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { LogRecord } from './record.ts';

/** Which events of the log a subscription asked for, and after how many records that were looked at it hears how far that was. */
export interface EventFilter {
  allows(record: LogRecord): boolean;
  readonly checkpointInterval: number;
}

/** The records that are looked at when the client names no window. */
const WINDOW = 32;

export function readFilter(options: streams.ReadReq.Options.FilterOptions | undefined): EventFilter | undefined {
  if (options === undefined) return undefined;
  const types = options.getEventType();
  const expression = types ?? options.getStreamIdentifier();
  const regex = expression?.getRegex() ?? '';
  const prefixes = expression?.getPrefixList() ?? [];
  const pattern = regex === '' ? undefined : new RegExp(regex);
  const matches = (text: string): boolean => pattern?.test(text) ?? prefixes.some((prefix) => text.startsWith(prefix));
  return {
    allows: (record) => matches(types === undefined ? record.stream : record.type),
    checkpointInterval: options.getCheckpointintervalmultiplier() * (options.hasMax() ? options.getMax() : WINDOW),
  };
}
