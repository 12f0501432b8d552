import { equalBytes } from '../../kernel/bytes.ts';
import { Malformed } from '../../kernel/fault.ts';
import { nobleSuite } from '../../kernel/suite-noble.ts';
import { NotVerified } from '../faults.ts';
import {
  KEY_BITS,
  keyBit,
  NO_NODE,
  type PrefixEnd,
  type PrefixSearch,
  prefixLeafHash,
  prefixParentHash,
} from '../prefix-tree.ts';
import { checkHash } from '../tree-node.ts';

function endHash(suite: typeof nobleSuite, key: Uint8Array, end: PrefixEnd): Uint8Array {
  switch (end.kind) {
    case 'inclusion':
      checkHash(end.commitment, 'commitment');
      return prefixLeafHash(suite, key, end.commitment);
    case 'other-leaf': {
      checkHash(end.leaf.key, 'key');
      checkHash(end.leaf.commitment, 'commitment');
      // A leaf of another path, or the key's own, would show nothing about this key.
      for (let depth = 0; depth < end.depth; depth++) {
        if (keyBit(end.leaf.key, depth) !== keyBit(key, depth)) {
          throw new NotVerified('forged', 'the leaf that is shown does not stand on the path of the key');
        }
      }
      if (equalBytes(end.leaf.key, key))
        throw new NotVerified('forged', "what is shown as another's leaf is the key's");
      return prefixLeafHash(suite, end.leaf.key, end.leaf.commitment);
    }
    case 'no-child':
      return NO_NODE;
  }
}

/**
 * What the tree with that root has for the key: its commitment, or undefined when it has none. All but root and key may be an attacker's.
 * Throws `malformed`, `wrong-size` when there are not as many hashes as the path is deep, or `forged`.
 */
export function verifyPrefixSearch(
  { key, search, root }: { readonly key: Uint8Array; readonly search: PrefixSearch; readonly root: Uint8Array },
  suite = nobleSuite,
): Uint8Array | undefined {
  const { end, elements } = search;
  checkHash(key, 'key');
  checkHash(root, 'root');
  for (const element of elements) checkHash(element, 'prefix proof');
  if (!Number.isInteger(end.depth) || end.depth < 1 || end.depth > KEY_BITS) {
    throw new Malformed('depth', `not 1 to ${KEY_BITS}`);
  }
  if (elements.length !== end.depth)
    throw new NotVerified('wrong-size', 'the proof is not as long as its path is deep');
  // From left to right: left siblings from above, then right siblings from below. Upwards, the path takes them from the middle outwards.
  let hash = endHash(suite, key, end);
  let lefts = 0;
  for (let depth = 0; depth < end.depth; depth++) if (keyBit(key, depth)) lefts += 1;
  let before = lefts - 1;
  let behind = lefts;
  for (let depth = end.depth - 1; depth >= 0; depth--) {
    hash = keyBit(key, depth)
      ? prefixParentHash(suite, elements[before--] as Uint8Array, hash)
      : prefixParentHash(suite, hash, elements[behind++] as Uint8Array);
  }
  if (!equalBytes(hash, root)) throw new NotVerified('forged', 'the prefix proof leads to another root');
  return end.kind === 'inclusion' ? end.commitment : undefined;
}
