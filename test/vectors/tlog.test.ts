import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import { nobleSuite } from '../../src/kernel/suite-noble.ts';
import { parseCheckpoint, printCheckpoint } from '../../src/log/checkpoint.ts';
import { encodeEntryBundle, parseEntryBundle } from '../../src/log/entry-bundle.ts';
import { reasonOf } from '../../src/log/faults.ts';
import { parseNote, printNote } from '../../src/log/note.ts';
import { isQuorum, parsePolicy } from '../../src/log/policy.ts';
import { emptyPrefixTree, prefixRoot, searchPrefix, withEntry } from '../../src/log/prefix-tree.ts';
import { entriesPath, parseTilePath, tilePath } from '../../src/log/tile.ts';
import { parseTlogProof, printTlogProof } from '../../src/log/tlog-proof.ts';
import { parseVerifierKey, printVerifierKey, verifierKey } from '../../src/log/verifier-key.ts';
import { verifyNote } from '../../src/log/verify/note.ts';
import { verifyPrefixSearch } from '../../src/log/verify/prefix.ts';
import { verifyTlogProof } from '../../src/log/verify/tlog-proof.ts';
import { nodeEd25519 } from '../../src/suite-node/ed25519.ts';
import { hex, refusals, type Shown, SUITES, shownBytes, vectors } from './vectors.ts';

/** The reason why it is refused; an error that is none of a verifier's is thrown on. */
function reason(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const found = reasonOf(error);
    if (found !== undefined) return found;
    throw error;
  }
  return 'verified';
}

interface NoteVector {
  readonly note: string;
  readonly keys: readonly string[];
  readonly text: string;
  readonly signatures: readonly { readonly key: string; readonly time?: string }[];
}
interface RefusedNote {
  readonly note: string;
  readonly keys: readonly string[];
  readonly reason: string;
}

describe.each(['note', 'cosignature'])('%s', (format) => {
  it.each(vectors<NoteVector>(format, 'valid'))('%s is verified and written as the vector says', (_, vector) => {
    const { text, signatures } = verifyNote(vector.note, vector.keys, nodeEd25519);
    expect(text).toBe(vector.text);
    expect(
      signatures.map(({ key, time }) => ({
        key: printVerifierKey(key),
        ...(time === undefined ? {} : { time: time.toString() }),
      })),
    ).toEqual(vector.signatures);
    expect(printNote(parseNote(vector.note))).toBe(vector.note);
  });

  it.each(vectors<RefusedNote>(format, 'invalid'))('%s is refused', (_, vector) => {
    expect(reason(() => verifyNote(vector.note, vector.keys, nodeEd25519))).toBe(vector.reason);
  });
});

interface KeyVector {
  readonly text: string;
  readonly kind: 'note' | 'cosignature';
  readonly name: string;
  readonly id: string;
  readonly publicKey: string;
}

describe('a verifier key', () => {
  it.each(vectors<KeyVector>('verifier-key', 'valid'))('%s is read and written as the vector says', (_, vector) => {
    for (const { suite } of SUITES) {
      const key = verifierKey(suite, vector.kind, vector.name, hex(vector.publicKey));
      expect(key.id).toBe(vector.id);
      expect(printVerifierKey(key)).toBe(vector.text);
      expect(parseVerifierKey(suite, vector.text)).toEqual(key);
    }
  });

  it('that deviates is refused, each for its own reason', () => {
    expect(
      refusals<{ text: string }>('verifier-key', ({ text }) => parseVerifierKey(nobleSuite, text)),
    ).toMatchInlineSnapshot(`
      {
        "base64-unpadded": "verifier key: not \`<name>+<id>+<base64>\`",
        "empty": "verifier key: not \`<name>+<id>+<base64>\`",
        "id-in-capitals": "verifier key: its id does not follow from its name and key",
        "id-of-another-name": "verifier key: its id does not follow from its name and key",
        "id-of-six-digits": "verifier key: its id does not follow from its name and key",
        "key-not-canonical": "verifier key: not an Ed25519 public key",
        "key-not-canonical-of-order-1": "verifier key: not an Ed25519 public key",
        "key-of-31-bytes": "verifier key: not an Ed25519 public key",
        "key-of-33-bytes": "verifier key: not an Ed25519 public key",
        "key-of-order-1": "verifier key: not an Ed25519 public key",
        "key-of-order-2": "verifier key: not an Ed25519 public key",
        "key-of-order-4": "verifier key: not an Ed25519 public key",
        "key-of-order-8": "verifier key: not an Ed25519 public key",
        "key-of-order-8-other-sign": "verifier key: not an Ed25519 public key",
        "name-empty": "verifier key: not a name: empty, or with a space or plus",
        "name-with-ideographic-space": "verifier key: not a name: empty, or with a space or plus",
        "name-with-newline": "verifier key: not a name: empty, or with a space or plus",
        "name-with-space": "verifier key: not a name: empty, or with a space or plus",
        "two-parts": "verifier key: not \`<name>+<id>+<base64>\`",
        "type-of-ecdsa": "verifier key: not of a signature type that is known here",
        "type-of-ml-dsa": "verifier key: not of a signature type that is known here",
      }
    `);
  });
});

interface CheckpointVector {
  readonly text: string;
  readonly origin: string;
  readonly size: string;
  readonly root: string;
  readonly extensions: readonly string[];
}

describe("a checkpoint's text", () => {
  it.each(vectors<CheckpointVector>('checkpoint', 'valid'))(
    '%s is read and written as the vector says',
    (_, vector) => {
      const { origin, extensions } = vector;
      const checkpoint = { origin, size: BigInt(vector.size), root: hex(vector.root), extensions };
      expect(printCheckpoint(checkpoint)).toBe(vector.text);
      expect(parseCheckpoint(vector.text)).toEqual(checkpoint);
    },
  );

  it('that deviates is refused, each for its own reason', () => {
    expect(refusals<{ text: string }>('checkpoint', ({ text }) => parseCheckpoint(text))).toMatchInlineSnapshot(`
      {
        "crlf": "checkpoint: not text that ends in a newline",
        "empty": "checkpoint: not text that ends in a newline",
        "extension-empty": "checkpoint extension: is empty",
        "extension-empty-in-the-middle": "checkpoint extension: is empty",
        "no-final-newline": "checkpoint: not text that ends in a newline",
        "origin-empty": "checkpoint origin: is empty",
        "root-in-base64url": "checkpoint root: not 32 bytes in base64",
        "root-of-31-bytes": "checkpoint root: not 32 bytes in base64",
        "root-padding-bits-set": "checkpoint root: not 32 bytes in base64",
        "root-unpadded": "checkpoint root: not 32 bytes in base64",
        "size-00": "checkpoint size: not an unsigned integer of 64 bits",
        "size-2-to-the-64": "checkpoint size: not an unsigned integer of 64 bits",
        "size-empty": "checkpoint size: not an unsigned integer of 64 bits",
        "size-in-hex": "checkpoint size: not an unsigned integer of 64 bits",
        "size-in-other-digits": "checkpoint size: not an unsigned integer of 64 bits",
        "size-negative": "checkpoint size: not an unsigned integer of 64 bits",
        "size-with-leading-zero": "checkpoint size: not an unsigned integer of 64 bits",
        "size-with-plus": "checkpoint size: not an unsigned integer of 64 bits",
        "size-with-space": "checkpoint size: not an unsigned integer of 64 bits",
        "two-lines": "checkpoint root: not 32 bytes in base64",
      }
    `);
  });
});

interface ProofVector {
  readonly text: string;
  readonly leafHash: string;
  readonly policy: string;
  readonly index: string;
  readonly size: string;
  readonly extra: string | null;
  readonly witnessed: Readonly<Record<string, string>>;
}

const policyOf = (text: string) => parsePolicy(nobleSuite, new TextEncoder().encode(text));

describe('a tlog-proof', () => {
  it.each(vectors<ProofVector>('tlog-proof', 'valid'))('%s is verified and written as the vector says', (_, vector) => {
    for (const { suite } of SUITES) {
      const { index, checkpoint } = verifyTlogProof(
        vector.text,
        hex(vector.leafHash),
        policyOf(vector.policy),
        nodeEd25519,
        suite,
      );
      expect([index, checkpoint.size]).toEqual([BigInt(vector.index), BigInt(vector.size)]);
      const witnessed = [...checkpoint.witnessed].map(([name, time]) => [name, time.toString()]);
      expect(Object.fromEntries(witnessed)).toEqual(vector.witnessed);
    }
    const proof = parseTlogProof(vector.text);
    expect(proof.extra && toHex(proof.extra)).toBe(vector.extra ?? undefined);
    expect(printTlogProof(proof)).toBe(vector.text);
  });

  it.each(vectors<ProofVector & { reason: string }>('tlog-proof', 'invalid'))('%s is refused', (_, vector) => {
    const policy = policyOf(vector.policy);
    expect(reason(() => verifyTlogProof(vector.text, hex(vector.leafHash), policy, nodeEd25519))).toBe(vector.reason);
  });
});

interface PolicyVector {
  readonly text: string;
  readonly logs: readonly string[];
  readonly witnesses: readonly string[];
  readonly quorums: readonly { readonly cosigned: readonly string[]; readonly met: boolean }[];
}

describe('a policy', () => {
  it.each(vectors<PolicyVector>('policy', 'valid'))('%s is read as the vector says', (_, vector) => {
    const policy = policyOf(vector.text);
    expect(policy.logs.map(({ key }) => key.name)).toEqual(vector.logs);
    expect(policy.witnesses.map(({ name }) => name)).toEqual(vector.witnesses);
    for (const { cosigned, met } of vector.quorums) {
      expect(isQuorum(policy.quorum, new Set(cosigned)), cosigned.join()).toBe(met);
    }
  });

  it('that deviates is refused, each for its own reason and naming the line', () => {
    expect(refusals<Shown>('policy', (shown) => parsePolicy(nobleSuite, shownBytes(shown)))).toMatchInlineSnapshot(`
      {
        "crlf": "policy: holds control characters",
        "delete-character": "policy: holds control characters",
        "empty": "policy: does not end with a newline",
        "group-in-itself": "policy line 3: name: is not defined above",
        "group-member-twice": "policy line 3: group: has a member of it or another group",
        "group-member-undefined": "policy line 3: name: is not defined above",
        "group-named-none": "policy line 3: name: is missing, or \`none\`",
        "group-of-0": "policy line 3: group: not \`all\`, \`any\` or 1 to the number of members",
        "group-of-more-than-there-are": "policy line 3: group: not \`all\`, \`any\` or 1 to the number of members",
        "group-with-a-sign": "policy line 3: group: not \`all\`, \`any\` or 1 to the number of members",
        "group-with-hex": "policy line 3: group: not \`all\`, \`any\` or 1 to the number of members",
        "group-with-leading-zero": "policy line 3: group: not \`all\`, \`any\` or 1 to the number of members",
        "group-with-none": "policy line 3: name: is not defined above",
        "group-without-members": "policy line 3: group: not \`all\`, \`any\` or 1 to the number of members",
        "key-not-utf-8": "policy line 1: verifier key: not UTF-8",
        "keyword-in-capitals": "policy line 3: line: neither log, witness, group nor quorum",
        "log-twice": "policy line 4: verifier key: stands twice",
        "log-with-fourth-word": "policy line 3: line: has more words than it can",
        "log-with-key-of-a-witness": "policy line 3: verifier key: of a type that signs other things",
        "log-without-key": "policy line 3: verifier key: not \`<name>+<id>+<base64>\`",
        "member-of-two-groups": "policy line 4: group: has a member of it or another group",
        "name-of-a-group-and-a-witness": "policy line 3: name: is defined twice",
        "name-twice": "policy line 3: name: is defined twice",
        "no-final-newline": "policy: does not end with a newline",
        "no-quorum": "policy: has no quorum line",
        "nul": "policy: holds control characters",
        "quorum-defined-below": "policy line 1: name: is not defined above",
        "quorum-of-nothing": "policy line 3: name: is not defined above",
        "quorum-of-two": "policy line 3: line: has more words than it can",
        "quorum-twice": "policy line 4: quorum: stands twice",
        "quorum-undefined": "policy line 3: name: is not defined above",
        "unknown-keyword": "policy line 3: line: neither log, witness, group nor quorum",
        "witness-named-none": "policy line 3: name: is missing, or \`none\`",
        "witness-twice": "policy line 3: verifier key: stands twice",
        "witness-with-fifth-word": "policy line 3: line: has more words than it can",
        "witness-with-key-of-a-log": "policy line 3: verifier key: of a type that signs other things",
        "witness-without-key": "policy line 3: verifier key: not \`<name>+<id>+<base64>\`",
      }
    `);
  });
});

interface PathVector {
  readonly path: string;
  readonly level: number | 'entries';
  readonly index: string;
  readonly width: number;
}

describe("a tile's path", () => {
  it.each(vectors<PathVector>('tile-path', 'valid'))('%s is read and written as the vector says', (_, vector) => {
    const { path, level, width } = vector;
    const index = BigInt(vector.index);
    if (level === 'entries') {
      expect(entriesPath({ index, width })).toBe(path);
      expect(parseTilePath(path)).toEqual({ kind: 'entries', bundle: { index, width } });
    } else {
      expect(tilePath({ level, index, width })).toBe(path);
      expect(parseTilePath(path)).toEqual({ kind: 'tile', tile: { level, index, width } });
    }
  });

  it('that deviates is refused', () => {
    const refused = refusals<{ path: string }>('tile-path', ({ path }) => parseTilePath(path));
    expect(Object.keys(refused).length).toBeGreaterThan(20);
  });
});

describe('an entry bundle', () => {
  it.each(vectors<{ hex: string; entries: string[] }>('entry-bundle', 'valid'))(
    '%s is read and written as the vector says',
    (_, vector) => {
      expect(toHex(encodeEntryBundle(vector.entries.map(hex)))).toBe(vector.hex);
      expect(parseEntryBundle(hex(vector.hex), vector.entries.length).map(toHex)).toEqual(vector.entries);
    },
  );

  it('that deviates is refused, each for its own reason', () => {
    expect(
      refusals<{ hex: string; width: number }>('entry-bundle', (vector) =>
        parseEntryBundle(hex(vector.hex), vector.width),
      ),
    ).toMatchInlineSnapshot(`
      {
        "byte-behind": "entry bundle: ends within an entry",
        "empty": "entry bundle: has fewer entries than its width",
        "entry-cut": "entry bundle: ends within an entry",
        "entry-less": "entry bundle: has fewer entries than its width",
        "entry-more": "entry bundle: has more entries than its width",
        "length-cut": "entry bundle: ends within an entry",
        "length-little-endian": "entry bundle: ends within an entry",
        "second-length-cut": "entry bundle: ends within an entry",
      }
    `);
  });
});

interface PrefixVector {
  readonly entries: readonly (readonly [key: string, commitment: string])[];
  readonly root: string;
  readonly searches: readonly {
    readonly key: string;
    readonly kind: string;
    readonly depth: number;
    readonly leaf: readonly [key: string, commitment: string] | null;
    readonly elements: readonly string[];
  }[];
}

describe.each(SUITES)('a prefix tree on $name', ({ suite }) => {
  it.each(vectors<PrefixVector>('prefix-tree', 'valid'))('%s has the root and searches of the vector', (_, vector) => {
    const tree = vector.entries.reduce((made, [key, value]) => withEntry(made, hex(key), hex(value)), emptyPrefixTree);
    const root = prefixRoot(suite, tree);
    expect(toHex(root)).toBe(vector.root);
    for (const { key, kind, depth, leaf, elements } of vector.searches) {
      const search = searchPrefix(suite, tree, hex(key));
      expect(search.end).toMatchObject({ kind, depth });
      expect(search.elements.map(toHex)).toEqual(elements);
      if (search.end.kind === 'other-leaf') expect(toHex(search.end.leaf.key)).toBe(leaf?.[0]);
      const found = verifyPrefixSearch({ key: hex(key), search, root }, suite);
      expect(found && toHex(found)).toBe(kind === 'inclusion' ? leaf?.[1] : undefined);
    }
  });
});
