import { expect, it } from 'vitest';
import { checkTexts } from './argument-text.ts';
import { ApiFault } from './fault.ts';

function pathOf(value: unknown): string | undefined {
  try {
    checkTexts(value);
  } catch (error) {
    if (error instanceof ApiFault) return error.details.path;
    throw error;
  }
  return undefined;
}

it('text of any language and any emoji passes', () => {
  expect(pathOf({ a: '王', b: ['👩‍⚕️', '\n\t'], c: { d: null, e: 1, f: true }, g: undefined })).toBeUndefined();
});

it.each([
  [{ code: '\ud800' }, 'code'],
  [{ code: 'a\udc00b' }, 'code'],
  [{ code: '\u0000' }, 'code'],
  [{ input: { documents: [{ number: 'ok' }, { number: 'a\u0000' }] } }, 'input.documents[1].number'],
  [{ codes: ['a', '\udfff'] }, 'codes[1]'],
])('%j is refused by its place', (value, path) => {
  expect(pathOf(value)).toBe(path);
});
