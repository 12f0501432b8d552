import type { Bytes } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { checkHash, HASH_BYTES } from './tree-node.ts';

/** The prefix tree of KEYTRANS over keys and commitments of 32 bytes (docs/spec/prefix-tree.md). A value: a new entry makes a new tree. */
export interface PrefixTree {
  readonly left: PrefixNode | undefined;
  readonly right: PrefixNode | undefined;
  /** Made when it is first asked for, so that of many new entries each node is hashed once. */
  hash?: Bytes;
}

export interface PrefixLeaf {
  readonly key: Bytes;
  readonly commitment: Bytes;
  hash?: Bytes;
}

type PrefixNode = PrefixTree | PrefixLeaf;

export const KEY_BITS = 8 * HASH_BYTES;
const LEAF = Uint8Array.of(2);
const PARENT = Uint8Array.of(3);
/** Stands where a parent has no child. */
export const NO_NODE = new Uint8Array(HASH_BYTES);

/** 1 goes right. */
export function keyBit(key: Uint8Array, depth: number): boolean {
  return (((key[depth >>> 3] as number) >>> (7 - (depth & 7))) & 1) === 1;
}

export const prefixLeafHash = (suite: Suite, key: Uint8Array, commitment: Uint8Array): Bytes =>
  suite.hash(LEAF, key, commitment);

export const prefixParentHash = (suite: Suite, left: Uint8Array, right: Uint8Array): Bytes =>
  suite.hash(PARENT, left, right);

export const emptyPrefixTree: PrefixTree = { left: undefined, right: undefined };

const isLeaf = (node: PrefixNode): node is PrefixLeaf => 'key' in node;

const sameKey = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);

function grown(node: PrefixNode | undefined, leaf: PrefixLeaf, depth: number): PrefixNode {
  if (node === undefined) return leaf;
  if (!isLeaf(node)) return withLeaf(node, leaf, depth);
  if (sameKey(node.key, leaf.key)) return leaf;
  // Parents down to the first bit in which the two keys differ.
  return withLeaf(withLeaf(emptyPrefixTree, node, depth), leaf, depth);
}

function withLeaf({ left, right }: PrefixTree, leaf: PrefixLeaf, depth: number): PrefixTree {
  return keyBit(leaf.key, depth)
    ? { left, right: grown(right, leaf, depth + 1) }
    : { left: grown(left, leaf, depth + 1), right };
}

/** The tree in which that key has that commitment, whatever it had before. Throws `Malformed` for other lengths. */
export function withEntry(tree: PrefixTree, key: Uint8Array, commitment: Uint8Array): PrefixTree {
  checkHash(key, 'key');
  checkHash(commitment, 'commitment');
  return withLeaf(tree, { key: new Uint8Array(key), commitment: new Uint8Array(commitment) }, 0);
}

function hashOf(suite: Suite, node: PrefixNode | undefined): Bytes {
  if (node === undefined) return NO_NODE;
  node.hash ??= isLeaf(node)
    ? prefixLeafHash(suite, node.key, node.commitment)
    : prefixParentHash(suite, hashOf(suite, node.left), hashOf(suite, node.right));
  return node.hash;
}

/** The root is a parent also where it has one child or none. One tree is asked with one suite. */
export const prefixRoot = (suite: Suite, tree: PrefixTree): Bytes => new Uint8Array(hashOf(suite, tree));

/** Where the search for a key ended: at its leaf, at another's, or at a parent that has no child there. `depth` is that of the end, from 1. */
export type PrefixEnd =
  | { readonly kind: 'inclusion'; readonly depth: number; readonly commitment: Bytes }
  | { readonly kind: 'other-leaf'; readonly depth: number; readonly leaf: Pick<PrefixLeaf, 'key' | 'commitment'> }
  | { readonly kind: 'no-child'; readonly depth: number };

export interface PrefixSearch {
  readonly end: PrefixEnd;
  /** The hashes beside the path, one a depth, from left to right in the tree: those left of it from above, then those right of it from below. */
  readonly elements: readonly Bytes[];
}

export function searchPrefix(suite: Suite, tree: PrefixTree, key: Uint8Array): PrefixSearch {
  checkHash(key, 'key');
  const left: Bytes[] = [];
  const right: Bytes[] = [];
  let node: PrefixNode | undefined = tree;
  let depth = 0;
  while (node !== undefined && !isLeaf(node)) {
    const parent: PrefixTree = node;
    const goesRight = keyBit(key, depth);
    if (goesRight) left.push(new Uint8Array(hashOf(suite, parent.left)));
    else right.unshift(new Uint8Array(hashOf(suite, parent.right)));
    node = goesRight ? parent.right : parent.left;
    depth += 1;
  }
  return { end: endOf(node, key, depth), elements: [...left, ...right] };
}

function endOf(node: PrefixLeaf | undefined, key: Uint8Array, depth: number): PrefixEnd {
  if (node === undefined) return { kind: 'no-child', depth };
  const { commitment } = node;
  return sameKey(node.key, key)
    ? { kind: 'inclusion', depth, commitment }
    : { kind: 'other-leaf', depth, leaf: { key: node.key, commitment } };
}
