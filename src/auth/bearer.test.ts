import { expect, it } from 'vitest';
import { MAX_TOKEN_LETTERS, parseBearer } from './bearer.ts';
import { Unauthenticated } from './faults.ts';

function reason(header: string | null): string {
  try {
    parseBearer(header);
  } catch (error) {
    if (error instanceof Unauthenticated) return error.reason;
    throw error;
  }
  return 'none';
}

it('a compact JWS after the scheme, in whatever case, is the token', () => {
  expect(parseBearer('Bearer aa.bb.c-_')).toBe('aa.bb.c-_');
  expect(parseBearer('bearer  aa.bb.cc')).toBe('aa.bb.cc');
});

it.each([null, ''])('no header is no token', (header) => {
  expect(reason(header)).toBe('absent');
});

it.each([
  'Basic aa.bb.cc',
  'Bearer',
  'Bearer aa.bb',
  'Bearer aa.bb.',
  'Bearer aa.bb.cc.dd.ee',
  'Bearer aa.bb.cc, Bearer dd.ee.ff',
  'Bearer aa.b=.cc',
  'Bearer aa.bb.cc\n',
  'Beareraa.bb.cc',
  `Bearer ${'a'.repeat(MAX_TOKEN_LETTERS)}.b.c`,
])('%.60s is malformed', (header) => {
  expect(reason(header)).toBe('malformed');
});
