import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../kernel/bytes.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';
import { nodeEd25519Key } from '../suite-node/ed25519.ts';
import { isQuorum, parsePolicy } from './policy.ts';
import { printVerifierKey, verifierKey } from './verifier-key.ts';

const KEYS = Array.from({ length: 257 }, (_, i) => {
  const { publicKey } = nodeEd25519Key(Uint8Array.of(i >>> 8, i, ...new Uint8Array(30)));
  return printVerifierKey(verifierKey(nobleSuite, 'cosignature', `w${i}`, publicKey));
});
const witnesses = (count: number): string =>
  KEYS.slice(0, count)
    .map((key, i) => `witness w${i} ${key}\n`)
    .join('');
const parse = (text: string) => parsePolicy(nobleSuite, utf8(text));

/** Groups of groups over witnesses w0 … : `picks` says how many of the names left go into the next group, and how many of them count. */
function grouped(count: number, picks: readonly (readonly [number, number])[]) {
  let text = witnesses(count);
  const counts = new Map<string, (cosigned: ReadonlySet<string>) => boolean>();
  let open: string[] = Array.from({ length: count }, (_, i) => `w${i}`);
  for (const name of open) counts.set(name, (cosigned) => cosigned.has(name));
  let last = 'w0';
  for (const [i, [take, least]] of picks.entries()) {
    if (open.length === 0) break;
    const members = open.slice(0, 1 + (take % open.length));
    const k = 1 + (least % members.length);
    last = `g${i}`;
    text += `group ${last} ${k} ${members.join(' ')}\n`;
    counts.set(last, (cosigned) => members.filter((member) => counts.get(member)?.(cosigned)).length >= k);
    open = [...open.slice(members.length), last];
  }
  return { text: `${text}quorum ${last}\n`, met: counts.get(last) as (cosigned: ReadonlySet<string>) => boolean };
}

describe('a quorum', () => {
  const picks = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 });

  it('is met by exactly those who are enough, counted by hand', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), picks, fc.nat(2 ** 9 - 1), (count, groups, bits) => {
        const { text, met } = grouped(count, groups);
        const cosigned = new Set(Array.from({ length: 9 }, (_, i) => `w${i}`).filter((_, i) => (bits >> i) & 1));
        expect(isQuorum(parse(text).quorum, cosigned)).toBe(met(cosigned));
      }),
      { numRuns: 300 },
    );
  });

  it('once met is not lost by another witness', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), picks, fc.nat(2 ** 9 - 1), fc.nat(8), (count, groups, bits, more) => {
        const { quorum } = parse(grouped(count, groups).text);
        const cosigned = Array.from({ length: 9 }, (_, i) => `w${i}`).filter((_, i) => (bits >> i) & 1);
        if (isQuorum(quorum, new Set(cosigned)))
          expect(isQuorum(quorum, new Set([...cosigned, `w${more}`]))).toBe(true);
      }),
    );
  });
});

describe('a policy file', () => {
  it('has up to 256 witnesses and 256 KiB', () => {
    expect(parse(`${witnesses(256)}quorum none\n`).witnesses).toHaveLength(256);
    expect(() => parse(`${witnesses(257)}quorum none\n`)).toThrow('more than 256');
    const comment = `#${'x'.repeat(256 * 1024)}\nquorum none\n`;
    expect(() => parse(comment)).toThrow('too long');
    const groups = Array.from({ length: 257 }, (_, i) => `group g${i} any ${i === 0 ? 'w0' : `g${i - 1}`}\n`).join('');
    expect(() => parse(`${witnesses(256)}${groups}quorum none\n`)).toThrow('more than 256');
  });

  it('names the line that it is refused for, and shows nothing of it', () => {
    expect(() => parse('quorum none\n\n# x\nsecret word\n')).toThrow(/^policy line 4: line: (?!.*secret)/);
  });
});
