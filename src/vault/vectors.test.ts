import { describe, expect, it } from 'vitest';
import { keyring } from '../../test/support/vaults.ts';
import { hex, SUITES, vectors } from '../../test/vectors/vectors.ts';
import { toBase64Url, toHex } from '../kernel/base64.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { Canonical } from '../kernel/canonical.ts';
import type { EventId, Id16, StreamName } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';
import { blindIndex } from './blind-index.ts';
import { checkValues } from './check-value.ts';
import { sealContent, unsealContent } from './content.ts';
import { actorIdOf, derivedIdOf } from './derived-id.ts';
import * as marks from './mark.ts';
import { retainedKey } from './period-key-store.ts';
import type { ClaimRef, FoldName } from './port.ts';
import { foldDigest, openSnapshot, sealSnapshot } from './snapshot.ts';
import { sealedTokens } from './tokens.ts';
import { unwrapKey, wrapKey } from './wrap.ts';

/** Computed in Python (test/vectors/vault/make.py), which shares no code with this. */
type Vector =
  | { what: 'wrap'; kek: string; epoch: number; keyId: string; nonce: string; key: string; wrapped: string }
  | { what: 'derive'; periodKey: string; stream: StreamName; key: string }
  | { what: 'claim'; indexKey: string; claim: ClaimRef; blindIndex: string }
  | {
      what: 'marks';
      tagKey: string;
      mark: [string, string];
      source: [string, string, string, string];
      sourceVersion: [string, string];
      documentMark: [string, string, string, string];
      codeRef: [string, string];
    }
  | { what: 'content'; stream: StreamName; id: Id16; key: string; nonce: string; hex: string; sealed: string }
  | {
      what: 'snapshot';
      personalKey: string;
      nonce: string;
      stream: StreamName;
      fold: FoldName;
      revision: string;
      head: string;
      state: Canonical;
      digest: string;
      sealed: string;
    }
  | { what: 'token'; cursorKey: string; kind: string; binding: string[]; payload: Canonical; token: string }
  | { what: 'actor-id'; actorKey: string; issuer: string; subject: string; id: string }
  | { what: 'derived-id'; requestKey: string; event: EventId; of: string; id: string }
  | { what: 'check'; key: string; name: string; value: string };

function agrees(suite: Suite, v: Vector): void {
  switch (v.what) {
    case 'wrap':
      expect(toHex(wrapKey(suite, { epoch: v.epoch, key: hex(v.kek) }, hex(v.nonce), v.keyId, hex(v.key)))).toBe(
        v.wrapped,
      );
      expect(unwrapKey(suite, hex(v.kek), v.keyId, hex(v.wrapped))).toEqual(hex(v.key));
      return;
    case 'derive':
      expect(toHex(retainedKey(suite, hex(v.periodKey), v.stream))).toBe(v.key);
      return;
    case 'claim':
      expect(toHex(blindIndex(suite, hex(v.indexKey), v.claim))).toBe(v.blindIndex);
      return;
    case 'marks': {
      const tag = hex(v.tagKey);
      const source = marks.sourceMark(suite, tag, v.source[0], v.source[1], v.source[2]);
      expect(marks.labelMark(suite, tag, v.mark[0])).toBe(v.mark[1]);
      expect(source).toBe(v.source[3]);
      expect(marks.sourceVersionMark(suite, tag, source, utf8(v.sourceVersion[0]))).toBe(v.sourceVersion[1]);
      expect(marks.documentMark(suite, tag, v.documentMark[0], v.documentMark[1], v.documentMark[2])).toBe(
        v.documentMark[3],
      );
      expect(marks.codeMark(suite, tag, v.codeRef[0])).toBe(v.codeRef[1]);
      return;
    }
    case 'content':
      expect(toHex(sealContent(suite, hex(v.key), hex(v.nonce), v, hex(v.hex)))).toBe(v.sealed);
      expect(toHex(unsealContent(suite, hex(v.key), v, hex(v.sealed)))).toBe(v.hex);
      return;
    case 'snapshot': {
      const digest = foldDigest(suite, v.fold);
      const where = { stream: v.stream, digest, revision: BigInt(v.revision) };
      const content = { head: hex(v.head), state: v.state };
      expect(toHex(digest)).toBe(v.digest);
      expect(toHex(sealSnapshot(suite, hex(v.personalKey), hex(v.nonce), where, content))).toBe(v.sealed);
      expect(openSnapshot(suite, hex(v.personalKey), where, hex(v.sealed))).toEqual({
        ...content,
        revision: where.revision,
      });
      return;
    }
    case 'token': {
      const tokens = sealedTokens(suite, hex(v.cursorKey));
      expect(tokens.seal(v.kind, v.binding, v.payload)).toBe(v.token);
      expect(tokens.open(v.kind, v.binding, v.token)).toEqual(v.payload);
      return;
    }
    case 'actor-id':
      expect(actorIdOf(suite, hex(v.actorKey), v.issuer, v.subject)).toBe(v.id);
      return;
    case 'derived-id':
      expect(derivedIdOf(suite, hex(v.requestKey), v.event, v.of)).toBe(v.id);
      return;
    case 'check': {
      const values = checkValues(suite, { ...keyring, request: hex(v.key) });
      expect(values.find((check) => check.name === v.name)?.value).toBe(v.value);
      return;
    }
  }
}

describe.each(SUITES)('the vault on $name', ({ suite }) => {
  const all = vectors<Vector>('vault', 'valid');

  it.each(all)('makes %s as the vector says', (_, vector) => agrees(suite, vector));

  it('gives one blind index to every spelling of one ID card', () => {
    const cards = all.filter(([fact]) => fact.startsWith('claim-of-id-card'));
    expect(cards.length).toBeGreaterThan(3);
    expect(new Set(cards.map(([, vector]) => (vector.what === 'claim' ? vector.blindIndex : fail())))).toHaveLength(1);
  });

  it('tells a mark of one stream from the same mark of another', () => {
    const at = (byte: number) => marks.labelMark(suite, new Uint8Array(32).fill(byte), 'HIV');
    expect(at(1)).not.toBe(at(2));
    expect(() =>
      marks.sourceVersionMark(suite, new Uint8Array(32), toBase64Url(new Uint8Array(31)) as never, utf8('')),
    ).toThrow('mark: not 32 bytes');
  });
});

function fail(): never {
  throw new Error('not a claim');
}
