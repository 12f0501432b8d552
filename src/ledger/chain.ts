import { type Bytes, concat, lp, utf8 } from '../kernel/bytes.ts';
import type { StreamName } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';

const STREAM_TAG = utf8('hrl/stream/v1\n');
const CHAIN_TAG = utf8('hrl/chain/v1\n');

/** h₋₁ = H("hrl/stream/v1\n" ‖ lp(origin) ‖ lp(stream)): the head of a stream without events; docs/spec/chain.md. */
export function emptyHead(suite: Suite, origin: string, stream: StreamName): Bytes {
  return suite.hash(concat(STREAM_TAG, lp(origin), lp(stream)));
}

/** h_n = H("hrl/chain/v1\n" ‖ h_{n−1} ‖ leafHash_n). */
export function nextHead(suite: Suite, previous: Uint8Array, leafHash: Uint8Array): Bytes {
  return suite.hash(CHAIN_TAG, previous, leafHash);
}
