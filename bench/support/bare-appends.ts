import { randomUUID } from 'node:crypto';
import { openConnection } from '../../src/ledger/eventstore/client.ts';
import { encodeFrame } from '../../src/ledger/eventstore/frame.ts';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import { SUBJECTS } from './accesses.ts';

/**
 * The baseline of bench/append on EventStoreDB: the client of the server and nothing else. `append` writes one event of the same bytes as ours
 * to one of as many streams, behind its exact revision, as one append of the client; nobody looks at any other stream. Streams that are
 * under way are left alone, as no caller of the bare client could know what to expect of them.
 */
export function bareAppends(
  to: { readonly url: string; readonly prefix: string },
  templates: readonly RecordedEvent[],
): { append(): Promise<unknown>; close(): Promise<void> } {
  const connection = openConnection(to.url);
  const ready = templates.map(({ type, leaf, ...event }) => ({
    type,
    contentType: 'application/octet-stream' as const,
    data: leaf,
    metadata: encodeFrame({ ...event, beside: -1n }),
  }));
  // Names as long as those of residents.
  const idle = Array.from({ length: SUBJECTS }, (_, n) => ({
    name: `${to.prefix}resident/${'bare'.padEnd(43 - 6, '-')}${String(n).padStart(6, '0')}`,
    revision: -1n,
  }));
  let calls = 0;
  return {
    append: async () => {
      const at = Math.floor(Math.random() * idle.length);
      const stream = idle[at];
      const template = ready[calls++ % ready.length];
      if (stream === undefined || template === undefined) throw new Error('nothing to append, or nowhere');
      idle[at] = idle.at(-1) as typeof stream;
      idle.pop();
      const { nextExpectedRevision } = await connection.client.appendToStream(
        stream.name,
        { id: randomUUID(), ...template },
        { expectedRevision: stream.revision < 0n ? 'no_stream' : stream.revision },
      );
      stream.revision = nextExpectedRevision;
      idle.push(stream);
    },
    close: () => connection.close(),
  };
}
