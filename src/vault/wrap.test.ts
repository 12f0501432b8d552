import { describe, expect, it } from 'vitest';
import { seededEntropy } from '../../test/support/seeded.ts';
import { flipped } from '../../test/support/vaults.ts';
import { SUITES } from '../../test/vectors/vectors.ts';
import { Malformed } from '../kernel/fault.ts';
import { residentStream, toLabel } from '../kernel/id.ts';
import { parsePersonalKeyId, parseRetainedKeyId, personalKeyId, retainedKeyId } from './key-id.ts';
import { unwrapKey, WRAPPED_BYTES, wrapEpoch, wrapKey } from './wrap.ts';

const entropy = seededEntropy('wrap');
const [kek, key, nonce] = [entropy.bytes(32), entropy.bytes(32), entropy.bytes(12)];

describe.each(SUITES)('a wrapped key on $name', ({ suite }) => {
  const wrapped = wrapKey(suite, { epoch: 0xfffffffe, key: kek }, nonce, 'a#tag#-#0', key);

  it('names its epoch and opens under its wrapping key and key id only', () => {
    expect(wrapped).toHaveLength(WRAPPED_BYTES);
    expect(wrapEpoch(wrapped)).toBe(0xfffffffe);
    expect(unwrapKey(suite, kek, 'a#tag#-#0', wrapped)).toEqual(key);
    expect(unwrapKey(suite, kek, 'a#tag#-#1', wrapped)).toBeUndefined();
    expect(unwrapKey(suite, flipped(kek, 0), 'a#tag#-#0', wrapped)).toBeUndefined();
  });

  it('with any byte of it changed, or another length, does not open', () => {
    for (let at = 4; at < WRAPPED_BYTES; at++) {
      expect(unwrapKey(suite, kek, 'a#tag#-#0', flipped(wrapped, at))).toBeUndefined();
    }
    for (let length = 0; length < WRAPPED_BYTES; length++) {
      expect(unwrapKey(suite, kek, 'a#tag#-#0', wrapped.slice(0, length))).toBeUndefined();
      expect(wrapEpoch(wrapped.slice(0, length))).toBeUndefined();
    }
  });

  it('is 32 bytes under a nonce of 12', () => {
    expect(() => wrapKey(suite, { epoch: 1, key: kek }, nonce, 'a', key.slice(1))).toThrow(RangeError);
    expect(() => wrapKey(suite, { epoch: 1, key: kek }, nonce.slice(1), 'a', key)).toThrow(RangeError);
  });
});

describe('a key id', () => {
  const stream = residentStream(toLabel(new Uint8Array(32)));
  const other = residentStream(toLabel(new Uint8Array(32).fill(1)));

  it('is read back for its stream and class', () => {
    expect(parsePersonalKeyId(personalKeyId(stream, 12), stream)).toBe(12);
    const period = { retention: 'access', year: 2026, number: 3 };
    expect(parseRetainedKeyId(retainedKeyId(stream, period), stream, 'access')).toEqual(period);
  });

  it('of another stream, class or kind, or spelt in another way, is malformed', () => {
    const retained = retainedKeyId(stream, { retention: 'access', year: 2026, number: 0 });
    expect(() => parsePersonalKeyId(personalKeyId(other, 0), stream)).toThrow('names a key of another stream');
    expect(() => parseRetainedKeyId(retained, other, 'access')).toThrow('names a key of another stream');
    expect(() => parseRetainedKeyId(retained, stream, 'life')).toThrow('not a key of the class life');
    expect(() => parsePersonalKeyId(retained, stream)).toThrow('not a personal key');
    for (const end of [
      '',
      '#personal#-#',
      '#personal#-#01',
      '#personal#-#-1',
      '#personal#-#0 ',
      '#tag#-#0',
      '#personal#-#1e3',
    ]) {
      expect(() => parsePersonalKeyId(stream + end, stream)).toThrow(Malformed);
    }
    for (const end of ['#access#02026#0', '#access#2026#00', '#access#2026', '#access#2026#0\n', '#access#20261#0']) {
      expect(() => parseRetainedKeyId(stream + end, stream, 'access')).toThrow(Malformed);
    }
  });
});
