import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../kernel/base64.ts';
import { concat, utf8 } from '../kernel/bytes.ts';
import { AeadRefused } from '../kernel/suite.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';
import { nodeSuite } from './suite.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("Node's suite and the reference", () => {
  it('bear the same name, as they are one suite', () => {
    expect(nodeSuite.name).toBe(nobleSuite.name);
  });

  it('hash alike, and a list of parts like the parts joined', () => {
    fc.assert(
      fc.property(fc.array(bytes(200), { maxLength: 4 }), (parts) => {
        const hash = nobleSuite.hash(...parts);
        expect(nodeSuite.hash(...parts)).toEqual(hash);
        expect(nobleSuite.hash(concat(...parts))).toEqual(hash);
      }),
    );
  });

  it('key a hash alike', () => {
    fc.assert(
      fc.property(bytes(100), fc.array(bytes(200), { maxLength: 4 }), (key, parts) => {
        const mac = nobleSuite.hmac(key, ...parts);
        expect(nodeSuite.hmac(key, ...parts)).toEqual(mac);
        expect(nodeSuite.hmac(key, concat(...parts))).toEqual(mac);
      }),
    );
  });

  it("seal alike, and open each other's", () => {
    fc.assert(
      fc.property(exactly(32), exactly(12), bytes(100), bytes(300), (key, nonce, aad, plaintext) => {
        const sealed = nobleSuite.seal(key, nonce, aad, plaintext);
        expect(nodeSuite.seal(key, nonce, aad, plaintext)).toEqual(sealed);
        expect(sealed).toHaveLength(plaintext.length + 16);
        expect(nodeSuite.open(key, nonce, aad, sealed)).toEqual(plaintext);
        expect(nobleSuite.open(key, nonce, aad, sealed)).toEqual(plaintext);
      }),
    );
  });
});

describe.each([nobleSuite, nodeSuite].map((suite, i) => ({ suite, which: ['noble', 'Node'][i] })))(
  '$which',
  ({ suite }) => {
    const key = new Uint8Array(32).fill(1);
    const nonce = new Uint8Array(12).fill(2);

    it('gives the published values', () => {
      expect(toHex(suite.hash(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
      // RFC 4231, test case 2
      expect(toHex(suite.hmac(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      );
      // The GCM specification (McGrew, Viega), test case 14: all-zero key, nonce and block
      expect(toHex(suite.seal(new Uint8Array(32), new Uint8Array(12), new Uint8Array(), new Uint8Array(16)))).toBe(
        'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
      );
    });

    it('opens nothing in which one bit of key, nonce, aad or sealed bytes differs', () => {
      const inputs = fc.tuple(exactly(32), exactly(12), fc.uint8Array({ minLength: 1, maxLength: 40 }), bytes(80));
      fc.assert(
        fc.property(inputs, fc.nat(3), fc.nat(), fc.nat(7), ([k, n, aad, plaintext], which, at, bit) => {
          const parts = [k, n, aad, suite.seal(k, n, aad, plaintext)].map((part) => part.slice());
          const part = parts[which] as Uint8Array;
          part[at % part.length] = (part[at % part.length] ?? 0) ^ (1 << bit);
          const [k2, n2, aad2, sealed] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
          expect(() => suite.open(k2, n2, aad2, sealed)).toThrow(AeadRefused);
        }),
      );
    });

    it('opens nothing shorter than a tag', () => {
      for (const length of [0, 1, 15]) {
        expect(() => suite.open(key, nonce, new Uint8Array(), new Uint8Array(length))).toThrow(AeadRefused);
      }
    });

    it('takes keys of 32 and nonces of 12 bytes; another size is a bug of ours, not a forgery', () => {
      const sealed = suite.seal(key, nonce, new Uint8Array(), utf8('a'));
      for (const [k, n] of [
        [key.subarray(0, 16), nonce],
        [key.subarray(0, 31), nonce],
        [key, nonce.subarray(0, 8)],
        [key, new Uint8Array(16)],
      ] as const) {
        expect(() => suite.seal(k, n, new Uint8Array(), utf8('a'))).toThrow(RangeError);
        expect(() => suite.open(k, n, new Uint8Array(), sealed)).toThrow(RangeError);
      }
    });

    it('gives bytes that own their memory and leaves its inputs alone', () => {
      const plaintext = utf8('a'.repeat(50));
      const sealed = suite.seal(key, nonce, utf8('aad'), plaintext);
      const opened = suite.open(key, nonce, utf8('aad'), sealed);
      for (const made of [suite.hash(key), suite.hmac(key, key), sealed, opened]) {
        expect(made).toBeInstanceOf(Uint8Array);
        expect(made).not.toBeInstanceOf(Buffer);
        expect(made.buffer.byteLength).toBe(made.length);
      }
      opened.fill(0);
      expect(suite.open(key, nonce, utf8('aad'), sealed)).toEqual(plaintext);
      expect(key).toEqual(new Uint8Array(32).fill(1));
      expect(plaintext).toEqual(utf8('a'.repeat(50)));
    });
  },
);
