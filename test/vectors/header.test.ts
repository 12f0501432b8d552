import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../../src/kernel/bytes.ts';
import { type EventId, parseStreamName } from '../../src/kernel/id.ts';
import { parseInstant } from '../../src/kernel/instant.ts';
import { encodeHeader, parseHeader } from '../../src/ledger/header.ts';
import { hex, refusals, type Shown, shownBytes, vectors } from './vectors.ts';

interface HeaderVector {
  readonly fields: { id: string; prev: string; revision: number; stream: string; time: string; type: string };
  readonly text: string;
}

describe('a header', () => {
  it.each(vectors<HeaderVector>('header', 'valid'))('%s is written and read as the vector says', (_, vector) => {
    const { id, prev, revision, stream, time, type } = vector.fields;
    const header = {
      id: id as EventId,
      prev: hex(prev),
      revision: BigInt(revision),
      stream: parseStreamName(stream),
      time: parseInstant(time),
      type,
    };
    const bytes = encodeHeader(header);
    expect(fromUtf8(bytes)).toBe(vector.text);
    expect(parseHeader(bytes)).toEqual(header);
  });

  it('that deviates is refused, each for its own reason', () => {
    expect(refusals<Shown>('header', (vector) => parseHeader(shownBytes(vector)))).toMatchInlineSnapshot(`
      {
        "extra-key": "header: has a field that is not declared",
        "id-without-hyphens": "header.id: not a lower-case UUID",
        "key-named-proto": "header: has a field that is not declared",
        "keys-out-of-order": "header: not in canonical form",
        "label-of-31-bytes": "header.stream: not stream",
        "label-padding-bits-set": "header.stream: not stream",
        "larger-than-1-kb": "header: larger than 1 KB",
        "leap-second": "header.time: not instant",
        "missing-key": "header.prev: is missing",
        "prev-of-31-bytes": "header.prev: not 32 bytes in standard padded base64",
        "prev-padding-bits-set": "header.prev: not 32 bytes in standard padded base64",
        "prev-url-safe": "header.prev: not 32 bytes in standard padded base64",
        "revision-as-text": "header.revision: not an integer from 0 to 268435455",
        "revision-negative": "header.revision: not an integer from 0 to 268435455",
        "revision-of-2-to-28": "header.revision: not an integer from 0 to 268435455",
        "stream-of-unknown-kind": "header.stream: not stream",
        "thirtieth-of-february": "header.time: not instant",
        "time-with-offset": "header.time: not instant",
        "time-without-milliseconds": "header.time: not instant",
        "trailing-line": "header: not in canonical form",
        "type-of-version-0": "header.type: not event-type",
        "type-without-version": "header.type: not event-type",
        "upper-case-id": "header.id: not event-id",
      }
    `);
  });
});
