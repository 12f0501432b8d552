import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseBase64 } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { reasonOf } from './faults.ts';
import { verifyConsistency } from './verify/consistency.ts';
import { verifyInclusion } from './verify/inclusion.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/data/merkle/', import.meta.url));
const PRESENT = existsSync(FOLDER);
const title = (what: string): string =>
  PRESENT ? `the published ${what} proofs` : `the published ${what} proofs (skipped: ../shared/data/merkle is absent)`;

interface Vector {
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
  readonly [field: string]: unknown;
}

/** `JSON.parse` would round the indexes: their digits become text first. */
const read = (path: string): Vector =>
  JSON.parse(readFileSync(path, 'utf8').replace(/"(leafIdx|treeSize|size1|size2)": (\d+)/g, '"$1": "$2"')) as Vector;

const vectors = (what: string): [name: string, vector: Vector][] =>
  PRESENT
    ? readdirSync(`${FOLDER}${what}`, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.json'))
        .sort()
        .map((path) => [path.slice(0, -'.json'.length), read(`${FOLDER}${what}/${path}`)])
    : [];

/** A vector's text that is no base64 is given on as bytes of no hash's length. */
const bytes = (text: unknown): Bytes => parseBase64(text as string) ?? new Uint8Array(1);
const size = (text: unknown): bigint => BigInt(text as string);

function verdict(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    // Refused for a reason, not broken.
    expect(reasonOf(error)).toMatch(/^(?:malformed|forged|wrong-size)$/);
    return false;
  }
}

describe.skipIf(!PRESENT)(title('inclusion'), () => {
  const all = vectors('inclusion');

  it('are there', () => {
    expect(all.length).toBe(53);
    expect(all.filter(([, vector]) => !vector.wantErr).length).toBeGreaterThan(3);
    expect(all.some(([, vector]) => size(vector.leafIdx) === 2n ** 64n - 1n)).toBe(true);
  });

  it.each(all)('%s', (_, { leafIdx, treeSize, root, leafHash, proof, wantErr }) => {
    const claim = { index: size(leafIdx), size: size(treeSize), root: bytes(root), leafHash: bytes(leafHash) };
    expect(verdict(() => verifyInclusion({ ...claim, proof: (proof ?? []).map(bytes) }))).toBe(!wantErr);
  });
});

describe.skipIf(!PRESENT)(title('consistency'), () => {
  const all = vectors('consistency');

  it('are there', () => {
    expect(all.length).toBe(43);
    expect(all.filter(([, vector]) => !vector.wantErr).length).toBeGreaterThan(2);
  });

  it.each(all)('%s', (_, { size1, size2, root1, root2, proof, wantErr }) => {
    const claim = { oldSize: size(size1), newSize: size(size2), oldRoot: bytes(root1), newRoot: bytes(root2) };
    expect(verdict(() => verifyConsistency({ ...claim, proof: (proof ?? []).map(bytes) }))).toBe(!wantErr);
  });
});
