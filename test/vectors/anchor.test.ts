import { describe, expect, it } from 'vitest';
import { parseAnchor, printAnchor } from '../../src/audit/anchor.ts';
import { parseStreamName } from '../../src/kernel/id.ts';
import { hex, refusals, vectors } from './vectors.ts';

interface AnchorVector {
  readonly origin: string;
  readonly size: string;
  readonly root: string;
  readonly heads: readonly { readonly stream: string; readonly revision: string; readonly head: string }[];
  readonly text: string;
}

describe('an anchor', () => {
  it.each(vectors<AnchorVector>('anchor', 'valid'))('%s is written and read as the vector says', (_, vector) => {
    const anchor = {
      origin: vector.origin,
      size: BigInt(vector.size),
      root: hex(vector.root),
      heads: new Map(
        vector.heads.map(({ stream, revision, head }) => [
          parseStreamName(stream),
          { revision: BigInt(revision), head: hex(head) },
        ]),
      ),
    };
    expect(printAnchor(anchor)).toBe(vector.text);
    expect(parseAnchor(vector.text)).toEqual(anchor);
  });

  it('that deviates is refused, each for its own reason', () => {
    expect(refusals<{ text: string }>('anchor', ({ text }) => parseAnchor(text))).toMatchInlineSnapshot(`
      {
        "crlf": "anchor: not an anchor of version 1",
        "empty": "anchor: not an anchor of version 1",
        "empty-line-behind": "anchor line 7: not \`<stream> <revision> <head>\` in ascending order",
        "fourth-word": "anchor line 5: not \`<stream> <revision> <head>\` in ascending order",
        "header-alone": "anchor line 2: not an origin",
        "no-final-line-end": "anchor: not an anchor of version 1",
        "origin-missing": "anchor line 2: not an origin",
        "origin-with-space": "anchor line 2: not an origin",
        "root-of-31-bytes": "anchor line 4: not 32 bytes in base64url",
        "root-padded": "anchor line 4: not 32 bytes in base64url",
        "root-padding-bits-set": "anchor line 4: not 32 bytes in base64url",
        "size-in-hex": "anchor line 3: not a decimal number",
        "size-negative": "anchor line 3: not a decimal number",
        "size-with-leading-zero": "anchor line 3: not a decimal number",
        "stream-twice": "anchor line 6: not \`<stream> <revision> <head>\` in ascending order",
        "streams-out-of-order": "anchor line 6: not \`<stream> <revision> <head>\` in ascending order",
        "two-spaces": "anchor line 5: not \`<stream> <revision> <head>\` in ascending order",
        "unknown-stream": "anchor line 5: not \`<stream> <revision> <head>\` in ascending order",
        "version-2": "anchor: not an anchor of version 1",
      }
    `);
  });
});
