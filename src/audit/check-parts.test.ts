import { describe, expect, it } from 'vitest';
import { toBase64Url } from '../kernel/base64.ts';
import { institutionStream, toId16 } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { servedRoot } from '../ledger/served-set.ts';
import { nodeSuite as suite } from '../suite-node/suite.ts';
import { checkRetention, checkServed } from './check-parts.ts';

const stream = institutionStream(toId16(new Uint8Array(16)));
const at = (text: string) => `${text}.000Z` as Instant;

interface Case {
  readonly type: string;
  readonly time: string;
  readonly key: string;
  readonly decided?: string;
  readonly now?: string;
}
function retention({ type, time, key, decided, now = '2026-11-22T00:00:00' }: Case) {
  const event = { type, stream, time: at(time), revision: 0n, sealed: { retained: { keyId: `${stream}#${key}#0` } } };
  return checkRetention(
    event as unknown as RecordedEvent,
    decided === undefined ? 'expired' : { decided: at(decided) },
    at(now),
  );
}

describe('a retained part that opens', () => {
  const part = { type: 'access.denied@1', time: '2026-01-01T00:00:02', decided: '2025-12-31T23:59:59' };

  it('stands under the key of the year in which it was decided, not appended', () => {
    expect(retention({ ...part, key: 'access#2025' })).toBeUndefined();
    expect(retention({ ...part, key: 'access#2026' })?.kind).toBe('key-mismatch');
  });

  it("stands under a key of its own type's class and of its own stream", () => {
    expect(retention({ ...part, key: 'life#2025' })?.kind).toBe('key-mismatch');
    expect(retention({ ...part, key: 'access#2025#0#0' })?.kind).toBe('key-mismatch');
  });
});

describe('a retained part whose key has ended', () => {
  const part = { type: 'access.denied@1', time: '2022-06-01T00:00:00', key: 'access#2022' };

  it('has ended lawfully when the term of its class is over: three years from the end of its year', () => {
    expect(retention({ ...part, now: '2026-01-01T00:00:00' })).toBeUndefined();
    expect(retention({ ...part, now: '2025-12-31T23:59:59' })?.kind).toBe('withheld');
  });

  it('is withheld when its class never ends', () => {
    expect(retention({ type: 'consent.revoked@1', time: '2022-06-01T00:00:00', key: 'life#2022' })?.kind).toBe(
      'withheld',
    );
  });

  it('is withheld when its key id names a year in which it was not decided', () => {
    expect(retention({ ...part, key: 'access#2021' })?.kind).toBe('withheld');
    expect(retention({ ...part, key: 'access#1999' })?.kind).toBe('withheld');
    // Decided in the last seconds of the year before, or in the first of its own.
    expect(retention({ ...part, time: '2022-01-01T00:00:04' })).toBeUndefined();
    expect(retention({ ...part, time: '2022-01-01T00:00:04', key: 'access#2021' })).toBeUndefined();
    expect(retention({ ...part, time: '2022-01-01T00:00:06', key: 'access#2021' })?.kind).toBe('withheld');
  });
});

describe('a served set', () => {
  const salt = new Uint8Array(32).fill(9);
  const ids = [1, 2].map((n) => ({ id: toId16(new Uint8Array(16).fill(n)), revision: n, part: 1 }));
  const items = [1, 2].map((n) => ({ id: new Uint8Array(16).fill(n), revision: BigInt(n), part: 1 as const }));
  const root = toBase64Url(servedRoot(suite, salt, items));
  const served = (count: number, told: string, listed: readonly object[], type = 'access.permitted@1') =>
    checkServed(
      suite,
      { type, stream, revision: 0n } as RecordedEvent,
      { served: { count, root: told } },
      { served: { ids: listed, salt: toBase64Url(salt) } },
    )?.kind;

  it('is what the event committed to, in any order', () => {
    expect(served(2, root, ids)).toBeUndefined();
    expect(served(2, root, ids.toReversed())).toBeUndefined();
  });

  it('of another number, another item, another root, or with one item twice, is not', () => {
    expect(served(3, root, ids)).toBe('served-mismatch');
    expect(served(2, root, [ids[0], { ...ids[1], revision: 7 }] as object[])).toBe('served-mismatch');
    expect(served(2, toBase64Url(salt), ids)).toBe('served-mismatch');
    expect(served(2, root, [ids[0], ids[0]] as object[])).toBe('served-mismatch');
  });

  it('is asked of permitted accesses whose parts both open', () => {
    expect(served(3, root, ids, 'access.denied@1')).toBeUndefined();
    const event = { type: 'access.permitted@1', stream, revision: 0n } as RecordedEvent;
    expect(checkServed(suite, event, 'expired', {})).toBeUndefined();
    expect(checkServed(suite, event, {}, 'erased')).toBeUndefined();
  });
});
