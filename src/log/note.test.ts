import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../kernel/bytes.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';
import { nodeEd25519, nodeEd25519Key } from '../suite-node/ed25519.ts';
import { type Checkpoint, parseCheckpoint, printCheckpoint } from './checkpoint.ts';
import { NotVerified, reasonOf } from './faults.ts';
import { isKeyName, isNoteText, type NoteSignature, parseNote, printNote } from './note.ts';
import { type Policy, parsePolicy } from './policy.ts';
import { cosignCheckpoint, type Signer, signNote } from './sign.ts';
import { type KeyKind, printVerifierKey, verifierKey } from './verifier-key.ts';
import { verifyCheckpoint } from './verify/checkpoint.ts';
import { verifyNote } from './verify/note.ts';

function signer(kind: KeyKind, name: string, seed: number): Signer {
  const pair = nodeEd25519Key(new Uint8Array(32).fill(seed));
  return { key: verifierKey(nobleSuite, kind, name, pair.publicKey), sign: pair.sign };
}

const LOG = signer('note', 'log.example/a', 1);
const OTHER = signer('note', 'log.example/b', 2);
const WITNESS = signer('cosignature', 'w.example', 3);

const line = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter((text) => isNoteText(`${text}\n`) && !text.includes('\n'));
const text = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`);
const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  origin: line.filter((origin) => origin !== ''),
  size: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((root) => new Uint8Array(root)),
  extensions: fc.array(
    line.filter((extension) => extension !== ''),
    { maxLength: 3 },
  ),
});

describe('a signed note', () => {
  it('is read and verified as it was written, whatever its text', () => {
    fc.assert(
      fc.property(text, (given) => {
        const note = printNote({ text: given, signatures: [signNote(OTHER, given), signNote(LOG, given)] });
        expect(parseNote(note).text).toBe(given);
        expect(printNote(parseNote(note))).toBe(note);
        const verified = verifyNote(note, [LOG.key, printVerifierKey(OTHER.key)], nodeEd25519);
        expect(verified.text).toBe(given);
        expect(verified.signatures.map(({ key }) => key)).toEqual([OTHER.key, LOG.key]);
      }),
    );
  });

  it('with any one letter changed, left out or added is refused', () => {
    fc.assert(
      fc.property(
        text,
        fc.nat(),
        fc.constantFrom('', 'a', '\n', ' ', '=', '—', '\u0000', '\ud800'),
        fc.nat(1),
        (given, at, letter, out) => {
          const note = printNote({ text: given, signatures: [signNote(LOG, given)] });
          const cut = at % (note.length + 1);
          const changed = note.slice(0, cut) + letter + note.slice(cut + out);
          if (changed === note) return;
          try {
            verifyNote(changed, [LOG.key], nodeEd25519);
            expect.fail('was verified');
          } catch (error) {
            expect(['malformed', 'forged']).toContain(reasonOf(error));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of more than a million bytes is neither read nor written', () => {
    const long = `${'a'.repeat(1_000_000)}\n`;
    const signatures = [signNote(LOG, 'a\n')];
    expect(() => printNote({ text: long, signatures })).toThrow('too long');
    expect(() => parseNote(`${long}\n— x MTIzNDU=\n`)).toThrow('too long');
    // Of three bytes each.
    expect(() => parseNote(`${'健'.repeat(340_000)}\n\n— x MTIzNDU=\n`)).toThrow('too long');
  });

  it('is not written with what could not be read', () => {
    const signature = signNote(LOG, 'a\n');
    expect(() => printNote({ text: 'a', signatures: [signature] })).toThrow('newline');
    expect(() => printNote({ text: 'a\n', signatures: [] })).toThrow('signatures');
    expect(() => printNote({ text: 'a\n', signatures: [{ ...signature, name: 'a b' }] })).toThrow('name');
    expect(() => printNote({ text: 'a\n', signatures: [{ ...signature, id: 'abc' }] })).toThrow('id');
    expect(() => printNote({ text: 'a\n', signatures: [{ ...signature, signature: new Uint8Array() }] })).toThrow('id');
  });

  it('is of nobody when two given keys cannot be told apart', () => {
    const note = printNote({ text: 'a\n', signatures: [signNote(LOG, 'a\n')] });
    const other = { ...LOG.key, publicKey: OTHER.key.publicKey };
    expect(() => verifyNote(note, [LOG.key, other], nodeEd25519)).toThrow('share a name and an id');
    expect(verifyNote(note, [LOG.key, LOG.key], nodeEd25519).signatures).toHaveLength(1);
    expect(() => verifyNote(note, [], nodeEd25519)).toThrow(NotVerified);
  });

  it('bears names without any Unicode space, plus sign or control character', () => {
    for (const name of ['a', 'example.com/a', '见证', '\ufeff', '\u200b']) expect(isKeyName(name)).toBe(true);
    for (const code of [
      0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0x2b, 0, 0x1f,
      0xd800,
    ]) {
      expect(isKeyName(`a${String.fromCharCode(code)}b`), code.toString(16)).toBe(false);
    }
    expect(isKeyName('')).toBe(false);
  });
});

describe('a key', () => {
  it('signs what it is for and nothing else: one cannot be had to say the other', () => {
    expect(() => signNote(WITNESS, 'a\n')).toThrow(RangeError);
    expect(() => cosignCheckpoint(LOG, 'a\n', 1n)).toThrow(RangeError);
    // A witness puts its name under checkpoints only.
    expect(() => cosignCheckpoint(WITNESS, 'a\n', 1n)).toThrow('checkpoint');
  });
});

describe('a checkpoint', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(checkpoint, (given) => {
        expect(parseCheckpoint(printCheckpoint(given))).toEqual(given);
      }),
    );
  });

  it('is not written with what could not be read', () => {
    const good = { origin: 'a', size: 1n, root: new Uint8Array(32), extensions: [] };
    for (const wrong of [
      { origin: '' },
      { origin: 'a\nb' },
      { size: -1n },
      { size: 2n ** 64n },
      { root: new Uint8Array(31) },
      { extensions: [''] },
      { extensions: ['a\nb'] },
    ]) {
      expect(() => printCheckpoint({ ...good, ...wrong })).toThrow();
    }
  });

  const policy = (quorum: string): Policy =>
    parsePolicy(
      nobleSuite,
      utf8(`log ${printVerifierKey(LOG.key)}\nwitness w ${printVerifierKey(WITNESS.key)}\nquorum ${quorum}\n`),
    );
  const body = printCheckpoint({ origin: LOG.key.name, size: 3n, root: new Uint8Array(32), extensions: [] });

  it('cosigned twice by one witness is witnessed since the earlier time', () => {
    const signatures = [signNote(LOG, body), ...[7n, 5n, 9n].map((time) => cosignCheckpoint(WITNESS, body, time))];
    const verified = verifyCheckpoint(printNote({ text: body, signatures }), policy('w'), nodeEd25519);
    expect([...verified.witnessed]).toEqual([['w', 5n]]);
    expect(verified).toMatchObject({ origin: LOG.key.name, size: 3n });
  });

  it('without the witnesses that a policy asks for is unwitnessed; where it asks for none, it holds and says so', () => {
    const note = printNote({ text: body, signatures: [signNote(LOG, body)] });
    expect(() => verifyCheckpoint(note, policy('w'), nodeEd25519)).toThrow(
      expect.objectContaining({ code: 'unwitnessed' }),
    );
    expect(verifyCheckpoint(note, policy('none'), nodeEd25519).witnessed.size).toBe(0);
  });

  it('needs the log: a witness that bears its name does not speak for it', () => {
    const namesake = signer('cosignature', LOG.key.name, 4);
    const lines = `witness w ${printVerifierKey(namesake.key)}\nquorum w\n`;
    const trusting = parsePolicy(nobleSuite, utf8(`log ${printVerifierKey(LOG.key)}\n${lines}`));
    const cosigned = cosignCheckpoint(namesake, body, 5n);
    const note = (...signatures: NoteSignature[]): string => printNote({ text: body, signatures });
    expect(() => verifyCheckpoint(note(cosigned), trusting, nodeEd25519)).toThrow(
      expect.objectContaining({ code: 'forged' }),
    );
    expect(verifyCheckpoint(note(signNote(LOG, body), cosigned), trusting, nodeEd25519).witnessed.size).toBe(1);
  });

  it('of an empty tree has the root of the empty tree', () => {
    const signed = (root: Uint8Array<ArrayBuffer>): string => {
      const empty = printCheckpoint({ origin: LOG.key.name, size: 0n, root, extensions: [] });
      return printNote({ text: empty, signatures: [signNote(LOG, empty)] });
    };
    expect(verifyCheckpoint(signed(nobleSuite.hash()), policy('none'), nodeEd25519).size).toBe(0n);
    expect(() => verifyCheckpoint(signed(new Uint8Array(32)), policy('none'), nodeEd25519)).toThrow(
      expect.objectContaining({ code: 'forged' }),
    );
  });
});
