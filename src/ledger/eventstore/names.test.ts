import { describe, expect, it } from 'vitest';
import { Malformed } from '../../kernel/fault.ts';
import { residentStream, toLabel } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../faults.ts';
import { DEFAULT_PREFIX, parsePrefix, toOurStream, toServerStream } from './names.ts';

const stream = residentStream(toLabel(new Uint8Array(32)));

describe('the prefix of a ledger', () => {
  it.each(['hrl:', 'a:', '0.b-c:', `${'x'.repeat(31)}:`])('%s is one', (text) => {
    expect(parsePrefix(text)).toBe(text);
  });

  it.each([
    '',
    ':',
    'hrl',
    '$all:',
    'Hrl:',
    'a b:',
    'a/b:',
    'a::',
    '.a:',
    'a:b:',
    `${'x'.repeat(32)}:`,
    'a:\n',
    '$$a:',
  ])('%j is none', (text) => {
    expect(() => parsePrefix(text)).toThrow(Malformed);
  });

  it('stands before the names of its streams, and of no others', () => {
    expect(toOurStream(DEFAULT_PREFIX, toServerStream(DEFAULT_PREFIX, stream))).toBe(stream);
    for (const name of [stream, `$$hrl:${stream}`, `other:${stream}`, '$stats-127.0.0.1:2113', `xhrl:${stream}`])
      expect(toOurStream(DEFAULT_PREFIX, name)).toBeUndefined();
    for (const name of ['hrl:', 'hrl:orders-1', 'hrl:resident/short', `hrl:${stream} `])
      expect(() => toOurStream(DEFAULT_PREFIX, name)).toThrow(LedgerCorrupt);
  });
});
