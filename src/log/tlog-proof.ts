import { parseBase64, toBase64 } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { parseNote } from './note.ts';
import { checkHash } from './tree-node.ts';
import { checkSize, parseSize } from './tree-size.ts';

/** C2SP tlog-proof (docs/spec/tlog-proof.md): all that shows a leaf to be in a log, but the leaf. */
export interface TlogProof {
  readonly index: bigint;
  readonly proof: readonly Bytes[];
  /** The signed checkpoint, byte for byte. */
  readonly checkpoint: string;
  /** Not signed by anybody: a hint at most. */
  readonly extra: Bytes | undefined;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** No path in a tree of fewer than 2^64 leaves is longer. */
const MAX_HASHES = 64;

export function printTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  checkSize(index, 'index');
  for (const hash of proof) checkHash(hash, 'inclusion proof');
  if (proof.length > MAX_HASHES) throw new Malformed('inclusion proof', 'more hashes than any tree needs');
  parseNote(checkpoint);
  const head = [
    FIRST_LINE,
    ...(extra === undefined || extra.length === 0 ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(toBase64),
  ];
  return `${head.join('\n')}\n\n${checkpoint}`;
}

/** Reads what an attacker may have written; print(parse(t)) = t. The checkpoint is read as a note, and verified by nobody yet. */
export function parseTlogProof(text: string): TlogProof {
  const cut = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(cut, 0)).split('\n');
  if (first !== FIRST_LINE) throw new Malformed('proof', 'not a tlog-proof of version 1');
  const hinted = lines[0]?.startsWith('extra ') ? (lines.shift() as string).slice('extra '.length) : undefined;
  const extra = hinted === undefined ? undefined : parseBase64(hinted);
  if (hinted !== undefined && (extra === undefined || extra.length === 0)) {
    throw new Malformed('proof extra', 'not base64 of anything');
  }
  const indexLine = lines.shift() ?? '';
  if (!indexLine.startsWith('index ')) throw new Malformed('proof index', 'is missing');
  const index = parseSize(indexLine.slice('index '.length), 'proof index');
  if (lines.length > MAX_HASHES) throw new Malformed('inclusion proof', 'more hashes than any tree needs');
  const proof = lines.map((line) => {
    const hash = parseBase64(line);
    if (hash?.length !== 32) throw new Malformed('inclusion proof', 'not 32 bytes in base64');
    return hash;
  });
  const checkpoint = text.slice(cut + 2);
  parseNote(checkpoint);
  return { index, proof, checkpoint, extra };
}
