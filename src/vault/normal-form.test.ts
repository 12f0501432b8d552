import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOCUMENT_TYPES } from '../domain/terms.ts';
import { Malformed } from '../kernel/fault.ts';
import { documentNormalForm, plainNormalForm } from './normal-form.ts';

const text = fc.string({ unit: 'binary', maxLength: 24 }).filter((value) => value.isWellFormed());
const type = fc.constantFrom(...DOCUMENT_TYPES);

/** The normal form, or undefined where nothing is left of the number. */
function formed(of: string, value: string): string | undefined {
  try {
    return documentNormalForm(of, value);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

describe('the normal form of a document number', () => {
  it('of a normal form is itself, for every letter that there is', () => {
    for (let code = 1; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const once = formed('03', String.fromCodePoint(code));
      if (once !== undefined && documentNormalForm('03', once) !== once) throw new Error(`U+${code.toString(16)}`);
    }
  });

  it('of a normal form is itself, for any text of any type', () => {
    fc.assert(
      fc.property(type, text, (of, value) => {
        const once = formed(of, value);
        if (once !== undefined) expect(documentNormalForm(of, once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not see case, spaces, hyphens and width', () => {
    const number = fc.stringMatching(/^[0-9A-Z]{1,18}$/);
    const wide = (value: string) => value.replace(/[!-~]/g, (c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0));
    const between = fc.array(fc.constantFrom('', ' ', '-', '\u00a0', '\u2011', '\u3000', '\u200b', '－'), {
      minLength: 18,
      maxLength: 18,
    });
    fc.assert(
      fc.property(number, between, fc.boolean(), fc.boolean(), (bare, gaps, lower, full) => {
        const cased = lower ? bare.toLowerCase() : bare;
        const shown = [...cased].map((c, i) => (full ? wide(c) : c) + (gaps[i] ?? '')).join('');
        expect(documentNormalForm('03', shown)).toBe(documentNormalForm('03', bare));
        expect(documentNormalForm('03', bare)).toBe(bare);
      }),
    );
  });

  it('of an ID card of 15 digits is that of 18; of any other type it stays', () => {
    expect(documentNormalForm('01', '110105 491231 002')).toBe('11010519491231002X');
    expect(documentNormalForm('01', '11010519491231002x')).toBe('11010519491231002X');
    expect(documentNormalForm('03', '110105491231002')).toBe('110105491231002');
    // Not a number that can have been issued: kept as it is, for the decider to refuse.
    expect(documentNormalForm('01', '110105491331002')).toBe('110105491331002');
  });

  it('of a FHIR identifier keeps case and hyphens, which its system may tell apart', () => {
    expect(documentNormalForm('fhir:http://his.example', 'a-1')).toBe('a-1');
    expect(documentNormalForm('fhir:http://his.example', 'Ａ-1')).toBe('A-1');
  });

  it('refuses what leaves nothing, and a lone surrogate', () => {
    for (const value of ['', ' ', '--', '\u200b\u3000', '\ud800']) {
      expect(() => documentNormalForm('01', value)).toThrow(Malformed);
    }
    expect(() => plainNormalForm('')).toThrow('number: is empty in normal form');
    expect(plainNormalForm('-')).toBe('-');
  });
});
