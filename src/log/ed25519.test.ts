import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHex } from '../kernel/base64.ts';
import { type Bytes, utf8 } from '../kernel/bytes.ts';
import { nodeEd25519, nodeEd25519Key } from '../suite-node/ed25519.ts';
import { isEd25519Point, verifiesEd25519 } from './ed25519.ts';

const FILE = fileURLToPath(new URL('../../../shared/data/ed25519/ed25519vectors.json', import.meta.url));
const PRESENT = existsSync(FILE);

interface EdgeCase {
  readonly number: number;
  readonly key: string;
  readonly sig: string;
  readonly msg: string;
  readonly flags: readonly string[] | null;
}

const hex = (text: string): Bytes => parseHex(text) as Bytes;
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** The rule of docs/spec/ed25519.md in the words of the vectors' own flags. */
const REFUSED = [
  'low_order_A',
  'low_order_R',
  'non_canonical_A',
  'non_canonical_R',
  // Holds only where both sides are multiplied by the cofactor.
  'low_order_residue',
];

describe.skipIf(!PRESENT)(
  PRESENT ? 'the 914 published edge cases' : 'the 914 published edge cases (skipped: ../shared/data/ed25519 is absent)',
  () => {
    const cases = PRESENT ? (JSON.parse(readFileSync(FILE, 'utf8')) as EdgeCase[]) : [];
    const verdict = ({ key, sig, msg }: EdgeCase): boolean =>
      verifiesEd25519(nodeEd25519, hex(key), utf8(msg), hex(sig));

    it('are taken exactly where none of their flags is refused: 43 of them', () => {
      expect(cases).toHaveLength(914);
      const taken = cases.filter(verdict);
      expect(taken).toHaveLength(43);
      const lawful = cases.filter(({ flags }) => !(flags ?? []).some((flag) => REFUSED.includes(flag)));
      expect(taken.map(({ number }) => number)).toEqual(lawful.map(({ number }) => number));
    });

    it('are not all decided by the library: of what it takes, encodings and orders refuse the rest', () => {
      const byLibrary = cases.filter(({ key, sig, msg }) => nodeEd25519(hex(key), utf8(msg), hex(sig)));
      expect(byLibrary).toHaveLength(208);
      // Before the library is asked, a library that says yes to everything is left with the same candidates everywhere.
      const candidates = cases.filter(({ key, sig, msg }) =>
        verifiesEd25519(() => true, hex(key), utf8(msg), hex(sig)),
      );
      expect(candidates).toHaveLength(106);
    });
  },
);

describe('an honest signature', () => {
  it('is taken, and refused with any bit of key, message or signature flipped', () => {
    fc.assert(
      fc.property(seed, fc.uint8Array({ maxLength: 80 }), fc.nat(), (secret, message, at) => {
        const key = nodeEd25519Key(secret);
        const signature = key.sign(message);
        expect(verifiesEd25519(nodeEd25519, key.publicKey, message, signature)).toBe(true);
        const parts = [key.publicKey, signature, message].map((part) => new Uint8Array(part));
        const part = parts[at % (message.length === 0 ? 2 : 3)] as Uint8Array;
        const place = (at >>> 3) % part.length;
        part[place] = (part[place] ?? 0) ^ (1 << (at & 7));
        const [publicKey, changed, other] = parts as [Uint8Array, Uint8Array, Uint8Array];
        expect(verifiesEd25519(nodeEd25519, publicKey, other, changed)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('has one spelling: with S + L, a byte more or less, or an empty one, no library is asked', () => {
    const key = nodeEd25519Key(new Uint8Array(32).fill(7));
    const signature = key.sign(utf8('a'));
    const ask = (changed: Uint8Array): boolean => verifiesEd25519(() => true, key.publicKey, utf8('a'), changed);
    expect(ask(signature)).toBe(true);
    let s = 0n;
    for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(signature[i] as number);
    s += 2n ** 252n + 27742317777372353535851937790883648493n;
    const malleable = new Uint8Array(signature);
    for (let i = 32; i < 64; i++, s >>= 8n) malleable[i] = Number(s & 255n);
    expect(ask(malleable)).toBe(false);
    expect(ask(signature.subarray(0, 63))).toBe(false);
    expect(ask(Uint8Array.of(...signature, 0))).toBe(false);
    expect(ask(new Uint8Array())).toBe(false);
    expect(verifiesEd25519(() => true, key.publicKey.subarray(1), utf8('a'), signature)).toBe(false);
  });

  it('of RFC 8032, test 2, comes out', () => {
    const key = nodeEd25519Key(hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'));
    expect(key.publicKey).toEqual(hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'));
    expect(key.sign(Uint8Array.of(0x72))).toEqual(
      hex(
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      ),
    );
  });
});

describe('a key', () => {
  it('is a point of large order, spelled in one way', () => {
    fc.assert(
      fc.property(seed, (secret) => {
        expect(isEd25519Point(nodeEd25519Key(secret).publicKey)).toBe(true);
      }),
      { numRuns: 20 },
    );
    for (const length of [0, 31, 33]) expect(isEd25519Point(new Uint8Array(length).fill(5))).toBe(false);
  });

  it('that is no point at all is refused by the library, not broken on', () => {
    // y = 2 has no x.
    const none = new Uint8Array(32);
    none[0] = 2;
    expect(isEd25519Point(none)).toBe(true);
    const { sign } = nodeEd25519Key(new Uint8Array(32));
    expect(verifiesEd25519(nodeEd25519, none, utf8('a'), sign(utf8('a')))).toBe(false);
    expect(nodeEd25519(new Uint8Array(31), utf8('a'), sign(utf8('a')))).toBe(false);
  });

  it('is made of 32 secret bytes', () => {
    expect(() => nodeEd25519Key(new Uint8Array(31))).toThrow(RangeError);
  });
});
