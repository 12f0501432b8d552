import { type Bytes, concat, equalBytes } from '../kernel/bytes.ts';
import type { Sql } from '../postgres/pools.ts';
import { MAX_CONTENT_BYTES, sealContent, unsealContent } from './content.ts';
import { ContentDiffers, ContentTooLarge } from './faults.ts';
import type { Internals } from './internals.ts';
import { contentKeyId } from './key-id.ts';
import type { Contents, ContentToStore } from './port.ts';
import { durably } from './reach.ts';
import { type LiveKeys, liveKeys, type StreamKeySet } from './stream-key-store.ts';
import { unwrapKey, WRAPPED_BYTES, wrapEpoch, wrapKey } from './wrap.ts';

/** A statement carries at most so many rows, and sealed bytes as base64 text of four thirds of the size. */
const MAX_ROWS = 1_000;
const MAX_STATEMENT_BYTES = 8 * 1024 * 1024;

interface Row {
  readonly id: string;
  readonly stream: string;
  readonly event_id: string;
  readonly wrapped_key: Bytes;
  readonly sealed: Bytes;
}

interface Keyed {
  readonly content: ContentToStore;
  readonly keys: StreamKeySet;
}

/** Record contents in `vault.contents`: each under a random key of its own, which the stream's personal key wraps. */
export function postgresContents(internals: Internals): Contents {
  const { sql, suite, entropy, streams } = internals;

  function sealed(content: ContentToStore, live: LiveKeys): Row {
    const { stream, contentId: id, eventId, bytes } = content;
    const key = entropy.bytes(32);
    // `epoch` says which of the stream's personal keys wraps: a partial erasure wraps anew under the next.
    const under = { epoch: live.number, key: live.personal };
    return {
      id,
      stream,
      event_id: eventId,
      wrapped_key: wrapKey(suite, under, entropy.bytes(12), contentKeyId(stream, id), key),
      sealed: sealContent(suite, key, entropy.bytes(12), { stream, id }, bytes),
    };
  }

  async function insert(tx: Sql, group: readonly Keyed[]): Promise<void> {
    const rows = group.map(({ content, keys }) => sealed(content, liveKeys(content.stream, keys)));
    const bytes = concat(...rows.flatMap((row) => [row.wrapped_key, row.sealed]));
    // An earlier attempt's content is made young again, so that no sweep takes it from under this attempt. A settled one needs nothing.
    // All bytes travel as one base64 text and are cut on the server: as hexadecimal values of their own they cost both sides twice as much.
    const stored = await tx<{ id: string; wrapped_key: Buffer }[]>`
      with part as materialized (
        select decode(${base64(bytes)}, 'base64') as bytes
      )
      insert into vault.contents (id, stream, event_id, wrapped_key, sealed)
      select c.id, c.stream, c.event_id, substr(bytes, c.start, ${WRAPPED_BYTES}), substr(bytes, c.start + ${WRAPPED_BYTES}, c.size)
      from part, unnest(
        ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.stream)}::text[],
        ${rows.map((row) => row.event_id)}::uuid[], ${startsOf(rows)}::int[], ${rows.map((row) => row.sealed.length)}::int[]
      ) with ordinality as c (id, stream, event_id, start, size, n)
      order by c.n
      on conflict (id) do update set created = excluded.created where not contents.settled
      returning id, wrapped_key`;
    const standing = new Map(stored.map((row) => [row.id, row.wrapped_key]));
    for (const [i, row] of rows.entries()) {
      const wrapped = standing.get(row.id);
      const earlier = wrapped === undefined || !equalBytes(wrapped, row.wrapped_key);
      const keyed = group[i];
      if (earlier && keyed !== undefined) await requireSame(tx, keyed);
    }
  }

  /** The content that stands under the id must be this one; it may have been written under an older key of the stream. */
  async function requireSame(tx: Sql, { content, keys }: Keyed): Promise<void> {
    const { stream, contentId: id } = content;
    const [row] = await tx<{ stream: string; event_id: string; wrapped_key: Buffer; sealed: Buffer }[]>`
      select stream, event_id, wrapped_key, sealed from vault.contents where id = ${id}`;
    if (row === undefined || row.stream !== stream || row.event_id !== content.eventId) throw new ContentDiffers();
    const personal = keys.personal.get(wrapEpoch(row.wrapped_key) ?? -1);
    const key =
      personal === undefined || personal === 'destroyed'
        ? undefined
        : unwrapKey(suite, personal, contentKeyId(stream, id), row.wrapped_key);
    if (key === undefined) throw new ContentDiffers();
    if (!equalBytes(unsealContent(suite, key, { stream, id }, row.sealed), content.bytes)) throw new ContentDiffers();
  }

  return {
    store: async (contents) => {
      for (const { bytes } of contents) {
        if (bytes.length > MAX_CONTENT_BYTES) throw new ContentTooLarge(bytes.length, MAX_CONTENT_BYTES);
      }
      if (new Set(contents.map((content) => content.contentId)).size !== contents.length) {
        throw new Error('one content id twice in one call');
      }
      if (contents.length === 0) return;
      const keys = await streams.loadOrCreate(contents.map((content) => content.stream));
      const keyed = contents.flatMap((content) => {
        const own = keys.get(content.stream);
        return own === undefined ? [] : [{ content, keys: own }];
      });
      await durably(sql, async (tx) => {
        for (const group of grouped(sortedById(keyed))) await insert(tx, group);
      });
      // Stopped here: contents stand without an event; the same command's next attempt finds them, or the sweep takes them.
    },
  };
}

const base64 = (bytes: Bytes): string => Buffer.from(bytes.buffer).toString('base64');

/** Where each row begins in the joined bytes, counted from 1 as SQL does. */
function startsOf(rows: readonly Row[]): number[] {
  let next = 1;
  return rows.map(({ sealed }) => {
    const start = next;
    next += WRAPPED_BYTES + sealed.length;
    return start;
  });
}

/** Rows are written in one order everywhere, so that two attempts at one command wait for each other and never deadlock. */
function sortedById(keyed: readonly Keyed[]): readonly Keyed[] {
  return [...keyed].sort((a, b) => (a.content.contentId < b.content.contentId ? -1 : 1));
}

function* grouped(keyed: readonly Keyed[]): Generator<readonly Keyed[]> {
  let group: Keyed[] = [];
  let bytes = 0;
  for (const one of keyed) {
    const size = one.content.bytes.length;
    if (group.length > 0 && (group.length === MAX_ROWS || bytes + size > MAX_STATEMENT_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(one);
    bytes += size;
  }
  if (group.length > 0) yield group;
}
